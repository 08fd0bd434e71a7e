export { sizeOf, type SessionAmount } from './measure-tree.js';
export { StorageRoom } from './storage-room.js';
export { StorageUsage } from './storage-usage.js';
