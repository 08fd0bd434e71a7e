import type { CredentialShape, CredentialVerdictShape, PageShape } from '@app/contracts';
import type { ApiClient } from '../client/api-client.js';
import { CliError } from '../cli-error.js';
import { stripControls, toJsonLine } from '../render/strip-controls.js';

export interface VerifyWish {
  provider: string | undefined;
  label: string | undefined;
  json: boolean | undefined;
}

/** Returns the exit code: 0 when all that were asked about are valid. */
export async function verifyCredentials(
  client: ApiClient,
  { provider, label, json }: VerifyWish,
): Promise<number> {
  const { items } = await client.get<PageShape<CredentialShape>>('/api/credentials');
  const wanted = items.filter(
    (item) =>
      item.status !== 'standby' &&
      (provider === undefined || item.provider === provider) &&
      (label === undefined || item.label === label),
  );
  if (wanted.length === 0) {
    throw new CliError('There is no such credential. `claude-agent credentials list` shows what there is.');
  }
  const verdicts: CredentialVerdictShape[] = [];
  for (const item of wanted) {
    const place = `${encodeURIComponent(item.provider)}/${encodeURIComponent(item.label)}`;
    verdicts.push(await client.post<CredentialVerdictShape>(`/api/credentials/${place}/verify`));
  }
  for (const one of json ? [] : verdicts) {
    process.stdout.write(`${one.provider}/${one.label}: ${one.verdict}. ${stripControls(one.message)}\n`);
  }
  if (json) process.stdout.write(toJsonLine(verdicts));
  return verdicts.every(({ verdict }) => verdict === 'valid') ? 0 : 1;
}
