export * from './workspaces.js';
export * from './workspaces.module.js';
