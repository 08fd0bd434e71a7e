import { createHash } from 'node:crypto';
import type { Provider } from './credential.js';

/**
 * The id of a credential of the environment: another secret has another one, so that what is known of the old one is not
 * believed of the new one. 32 bits of a digest of a long random secret tell nothing about it.
 */
export function environmentId(provider: Provider, secret: string): string {
  const digest = createHash('sha256').update(`credential-id:v1:${provider}:${secret}`).digest('hex');
  return `environment-${digest.slice(0, 8)}`;
}
