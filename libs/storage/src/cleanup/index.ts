export { Cleanup } from './cleanup.js';
