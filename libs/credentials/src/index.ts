export { CredentialStore } from './credential-store.js';
export * from './credential.js';
export { CredentialListView, CredentialView } from './credential.view.js';
export { CredentialsModule } from './credentials.module.js';
export { MasterKeyError } from './master-key.js';
export { StoreCredentialDto } from './store-credential.dto.js';
