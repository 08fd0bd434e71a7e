import type { Settings } from '@app/config';
import type { ResolvedCredential } from '../credential.js';
import { askProvider } from './ask-provider.js';
import { judge, limited, retryAfter, secondsSinceEpoch, type Judgement } from './judgement.js';

/** GitHub tells a limit as 403 or 429, with a reset of the hour or a time to wait. */
export async function checkGithub(
  { secret }: Pick<ResolvedCredential, 'secret'>,
  settings: Pick<Settings, 'githubApiUrl'>,
  limitMs: number,
): Promise<Judgement> {
  const answer = await askProvider(
    {
      address: `${settings.githubApiUrl}/user`,
      headers: { authorization: `Bearer ${secret}`, accept: 'application/vnd.github+json' },
    },
    limitMs,
  );
  const nowMs = Date.now();
  const end = (): number | null => {
    if (answer.kind === 'silence') return null;
    return (
      retryAfter(answer.header('retry-after'), nowMs) ??
      (answer.header('x-ratelimit-remaining') === '0'
        ? secondsSinceEpoch(answer.header('x-ratelimit-reset'))
        : null)
    );
  };
  if (answer.kind === 'answer' && answer.status === 403) {
    const endMs = end();
    if (endMs !== null) return limited(nowMs, endMs);
  }
  return judge(answer, nowMs, end);
}
