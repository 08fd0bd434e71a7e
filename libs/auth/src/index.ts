export * from './access.js';
export { AuthGuard } from './auth.guard.js';
export { AuthModule } from './auth.module.js';
export { Authenticator } from './authenticator.js';
export { FirstKey } from './first-key.js';
export { KeyRevocations } from './key-revocations.js';
export { OriginPolicy } from './origin-policy.js';
