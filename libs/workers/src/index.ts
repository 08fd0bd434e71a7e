export { WorkerPresence } from './worker-presence.js';
export { ALIVE_SECONDS, WorkerRepository } from './worker.repository.js';
export { WorkersModule } from './workers.module.js';
