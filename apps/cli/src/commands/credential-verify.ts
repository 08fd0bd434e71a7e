import type { CredentialShape, CredentialVerdictShape, PageShape } from '@app/contracts';
import type { ApiClient } from '../client/api-client.js';
import { CliError } from '../cli-error.js';
import { stripControls, toJsonLine } from '../render/strip-controls.js';

export interface VerifyWish {
  provider: string | undefined;
  label: string | undefined;
  json: boolean | undefined;
}

/** `not_checked`: the server cannot ask, as without the address of Jira. The others are asked about all the same. */
type Verdict =
  CredentialVerdictShape | { provider: string; label: string; verdict: 'not_checked'; message: string };

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
  const verdicts: Verdict[] = [];
  for (const item of wanted) {
    verdicts.push(await askAbout(client, item));
  }
  for (const one of json ? [] : verdicts) {
    process.stdout.write(`${one.provider}/${one.label}: ${one.verdict}. ${stripControls(one.message)}\n`);
  }
  if (json) process.stdout.write(toJsonLine(verdicts));
  return verdicts.every(({ verdict }) => verdict === 'valid') ? 0 : 1;
}

async function askAbout(client: ApiClient, { provider, label }: CredentialShape): Promise<Verdict> {
  const place = `${encodeURIComponent(provider)}/${encodeURIComponent(label)}`;
  try {
    return await client.post<CredentialVerdictShape>(`/api/credentials/${place}/verify`);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { provider, label, verdict: 'not_checked', message: error.message };
  }
}
