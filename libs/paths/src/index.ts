export * from './make-folder.js';
export * from './paths.js';
export * from './paths.module.js';
export * from './service-version.js';
export * from './zones.js';
