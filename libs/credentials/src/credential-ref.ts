import { PROVIDERS, type Provider } from './credential.js';

/** Which stored credential: a provider may have several, told apart by a label that people choose. */
export interface CredentialRef {
  provider: Provider;
  label: string;
}

/** What a request without a label means, as the founding document sends it. */
export const DEFAULT_LABEL = 'default';

/** The label becomes a part of a file name and of messages: nothing that looks like a key may be one. */
export const LABEL_FORM = /^(?!sk-)[a-z0-9][a-z0-9-]{0,31}$/;

/** `claude.json` holds the default one, as ever; `claude.second.json` the one labelled `second`. */
export function fileNameOf({ provider, label }: CredentialRef): string {
  return label === DEFAULT_LABEL ? `${provider}.json` : `${provider}.${label}.json`;
}

/** Null for the other files of the folder. */
export function refOfFileName(name: string): CredentialRef | null {
  const [, first, label = DEFAULT_LABEL] = /^([a-z]+)(?:\.([a-z0-9-]+))?\.json$/.exec(name) ?? [];
  const provider = PROVIDERS.find((candidate) => candidate === first);
  if (!provider || !LABEL_FORM.test(label)) return null;
  const ref = { provider, label };
  return fileNameOf(ref) === name ? ref : null;
}

/** Null when there can be no such credential. */
export function refOf(provider: string, label = DEFAULT_LABEL): CredentialRef | null {
  const known = PROVIDERS.find((candidate) => candidate === provider);
  return known && LABEL_FORM.test(label) ? { provider: known, label } : null;
}

/** What the cipher of a credential is bound to: one put in the place of another does not open. */
export function sealingContextOf({ provider, label }: CredentialRef, kid: string): string {
  const place = label === DEFAULT_LABEL ? provider : `${provider}/${label}`;
  return `cred:v1:${place}:${kid}`;
}
