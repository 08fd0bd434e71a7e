export { checkBackups } from './check-backups.js';
export { checkPersistence } from './check-persistence.js';
export { noteStart } from './marker.js';
export { StorageMarkEntity } from './storage-mark.entity.js';
export { StorageMarkRepository } from './storage-mark.repository.js';
