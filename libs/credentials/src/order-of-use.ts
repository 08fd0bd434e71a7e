import type { KnownCredential } from './known-credentials.js';

type Place = Pick<KnownCredential, 'priority' | 'credentialId' | 'label'>;

/**
 * Higher priorities first; the same priority takes turns, by when each was used last. Turns and not always the first
 * one: several accounts then share the load, and reach their limits late or never. The priority is for those who want
 * one to be spared, such as an API key that is paid by use behind two subscriptions.
 */
export function inOrderOfUse<T extends Place>(
  credentials: readonly T[],
  lastUsed: (credentialId: string) => string | null,
): T[] {
  const used = new Map(credentials.map(({ credentialId }) => [credentialId, lastUsed(credentialId) ?? '']));
  const order = (a: T, b: T): number =>
    b.priority - a.priority ||
    compare(used.get(a.credentialId) ?? '', used.get(b.credentialId) ?? '') ||
    compare(a.label, b.label);
  return [...credentials].sort(order);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
