import type { Settings } from '@app/config';
import type { ResolvedCredential } from '../credential.js';
import { askProvider, type ProviderQuestion } from './ask-provider.js';
import { judge, retryAfter, secondsSinceEpoch, valid, type Judgement } from './judgement.js';

const ADDRESS = 'https://api.anthropic.com';
const VERSION = '2023-06-01';
/** The smallest question of a subscription. */
const MODEL = 'claude-haiku-4-5';

/**
 * A key is asked for the list of models, which is free. A subscription tells its usage limit with an answer of a model
 * alone, and answers Claude Code alone: it is asked for one token of the smallest model in that name.
 */
export async function checkClaude(
  credential: Pick<ResolvedCredential, 'kind' | 'secret'>,
  settings: Pick<Settings, 'anthropicBaseUrl'>,
  limitMs: number,
): Promise<Judgement> {
  const base = settings.anthropicBaseUrl ?? ADDRESS;
  const isToken = credential.kind === 'oauth_token';
  const question = isToken ? oneToken(base, credential.secret) : listOfModels(base, credential.secret);
  const answer = await askProvider(question, limitMs);
  const nowMs = Date.now();
  // Whoever is told that the question was wrong has been let in already.
  if (isToken && answer.kind === 'answer' && answer.status === 400) return valid();
  return judge(answer, nowMs, () => {
    if (answer.kind === 'silence') return null;
    return (
      secondsSinceEpoch(answer.header('anthropic-ratelimit-unified-reset')) ??
      retryAfter(answer.header('retry-after'), nowMs)
    );
  });
}

function listOfModels(base: string, secret: string): ProviderQuestion {
  return {
    address: `${base}/v1/models?limit=1`,
    headers: { 'x-api-key': secret, 'anthropic-version': VERSION },
  };
}

function oneToken(base: string, secret: string): ProviderQuestion {
  return {
    address: `${base}/v1/messages`,
    method: 'POST',
    headers: {
      authorization: `Bearer ${secret}`,
      'anthropic-version': VERSION,
      'anthropic-beta': 'oauth-2025-04-20',
      'content-type': 'application/json',
    },
    body: {
      model: MODEL,
      max_tokens: 1,
      system: "You are Claude Code, Anthropic's official CLI for Claude.",
      messages: [{ role: 'user', content: 'Hi' }],
    },
  };
}
