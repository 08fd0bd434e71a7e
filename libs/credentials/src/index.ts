export { CredentialStore } from './credential-store.js';
export * from './credential.js';
export { CredentialsModule } from './credentials.module.js';
export { presentKekId, storedKekId } from './kek-ids.js';
