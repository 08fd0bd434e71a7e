export { createLogger } from './create-logger.js';
export { HealthChecks, type HealthCheck } from './health-checks.js';
export { NestLogger } from './nest-logger.js';
export { ObservabilityModule } from './observability.module.js';
export { requestLog } from './request-log.js';
