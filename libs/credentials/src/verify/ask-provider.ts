export interface ProviderQuestion {
  address: string;
  method?: 'GET' | 'POST';
  /** With the secret in one of them. */
  headers: Record<string, string>;
  body?: unknown;
}

/** What of an answer is looked at; its body never is, for it could repeat the secret or be of any size. */
export type ProviderAnswer =
  | { kind: 'answer'; status: number; header: (name: string) => string | null }
  | { kind: 'silence'; why: 'timeout' | 'no_connection' };

/** Asks once. A redirect is an answer and is not followed: the secret goes to the address that was set, nowhere else. */
export async function askProvider(question: ProviderQuestion, limitMs: number): Promise<ProviderAnswer> {
  const { address, method = 'GET', headers, body } = question;
  try {
    const response = await fetch(address, {
      method,
      headers: { accept: 'application/json', 'user-agent': 'claude-code-agent', ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(limitMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await response.body?.cancel();
    return { kind: 'answer', status: response.status, header: (name) => response.headers.get(name) };
  } catch (error) {
    // What fetch says may hold the address with all that is in it; only its kind is of use.
    const timeout = error instanceof Error && error.name === 'TimeoutError';
    return { kind: 'silence', why: timeout ? 'timeout' : 'no_connection' };
  }
}
