import type { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import type { ResolvedCredential } from '../credential.js';
import { askProvider } from './ask-provider.js';
import { judge, retryAfter, type Judgement } from './judgement.js';

/** Jira Cloud wants the account beside the token; a token of Jira Data Center stands alone. */
export async function checkJira(
  { secret, email }: Pick<ResolvedCredential, 'secret' | 'email'>,
  settings: Pick<Settings, 'jiraUrl' | 'jiraEmail'>,
  limitMs: number,
): Promise<Judgement> {
  if (!settings.jiraUrl) {
    throw new AppError(
      'INVALID_CREDENTIAL',
      'The address of Jira is not known. Set JIRA_URL, such as https://example.atlassian.net, and restart.',
    );
  }
  const account = email ?? settings.jiraEmail;
  const authorization = account
    ? `Basic ${Buffer.from(`${account}:${secret}`).toString('base64')}`
    : `Bearer ${secret}`;
  const answer = await askProvider(
    { address: `${settings.jiraUrl}/rest/api/2/myself`, headers: { authorization } },
    limitMs,
  );
  const nowMs = Date.now();
  return judge(answer, nowMs, () =>
    answer.kind === 'silence' ? null : retryAfter(answer.header('retry-after'), nowMs),
  );
}
