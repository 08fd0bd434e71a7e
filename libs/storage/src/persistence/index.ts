export { checkBackups } from './check-backups.js';
export { checkPersistence, type Surroundings } from './check-persistence.js';
export type { RedisDurability } from './check-redis.js';
export { noteStart } from './marker.js';
export { StorageMarkEntity } from './storage-mark.entity.js';
export { StorageMarkRepository } from './storage-mark.repository.js';
