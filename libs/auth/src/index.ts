export * from './access.js';
export { ApiKeyEntity } from './api-key.entity.js';
export { ApiKeyService, type NewKey } from './api-key.service.js';
export { AuthGuard } from './auth.guard.js';
export { AuthModule } from './auth.module.js';
export { Authenticator, type Credentials } from './authenticator.js';
export { FirstKey } from './first-key.js';
export { KeyRevocations, type KeyRevoked } from './key-revocations.js';
export { OriginPolicy } from './origin-policy.js';
