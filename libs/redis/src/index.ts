export * from './redis-connections.js';
export { worstFacts } from './redis-facts.js';
export * from './redis-fitness.js';
export * from './redis.module.js';
