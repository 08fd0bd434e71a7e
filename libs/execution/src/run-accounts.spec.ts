import { describe, expect, it, jest } from '@jest/globals';
import type { CredentialPool } from '@app/credentials';
import { RunAccounts } from './run-accounts.js';
import type { RunPump } from './run-pump.js';

const HOUR_MS = 3_600_000;

function accounts() {
  const take = jest.fn<CredentialPool['take']>().mockResolvedValue({ kind: 'none' });
  const pool = { take, secrets: () => Promise.resolve([]) } as Partial<CredentialPool> as CredentialPool;
  return { take, accounts: new RunAccounts(pool, {} as Partial<RunPump> as RunPump) };
}

describe('the account of a task that was parked until a limit ends', () => {
  it('counts that limit as over when the database says so, however far this clock is behind', async () => {
    const { take, accounts: made } = accounts();
    await expect(made.first('waiting_quota', HOUR_MS)).rejects.toThrow();
    expect(take.mock.calls[0]?.[1]?.slackMs).toBeGreaterThan(HOUR_MS);
  });

  it('is looked for by this clock alone when the task was not parked', async () => {
    const { take, accounts: made } = accounts();
    await expect(made.first(null, HOUR_MS)).rejects.toThrow();
    expect(take).toHaveBeenCalledWith('claude', { slackMs: 0 });
  });
});
