export * from './paths.js';
export * from './paths.module.js';
export * from './zones.js';
export * from './service-version.js';
