export * from './assert-data-dir-writable.js';
export * from './data-files.js';
export * from './ensure-folder.js';
export * from './safe-name.js';
export * from './serial-by-key.js';
export { errorCodeOf, storageError } from './storage-error.js';
export { StorageModule } from './storage.module.js';
export type { FileToWrite } from './swap-folder.js';
