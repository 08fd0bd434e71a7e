export * from './session-connection.entity.js';
export * from './session-connection.repository.js';
export * from './session.entity.js';
export * from './session.repository.js';
export * from './session.service.js';
export * from './sessions.module.js';
