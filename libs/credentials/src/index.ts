export { CredentialList } from './credential-list.js';
export { CredentialPool, type Taken } from './credential-pool.js';
export { CredentialStore } from './credential-store.js';
export * from './credential.js';
export { CredentialsModule } from './credentials.module.js';
export { presentKekIds, storedKekId } from './kek-ids.js';
export { KeyRotation } from './key-rotation.js';
