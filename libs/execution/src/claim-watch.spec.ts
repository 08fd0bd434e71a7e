import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ClaimWatch } from './claim-watch.js';

const MINUTE_MS = 60_000;

function watch(state: { running?: number; idleMs?: number; queue?: () => Promise<void> }): ClaimWatch {
  const parts = {
    settings: { maxConcurrentTasks: 2 },
    running: { count: state.running ?? 0, claims: 0, idleMs: state.idleMs ?? MINUTE_MS },
    waiting: { overdue: () => Promise.resolve('task-1') },
    queue: { check: state.queue ?? (() => Promise.resolve()) },
    presence: { reports: () => undefined },
  };
  // Only what the watch reads of each.
  const made: unknown = Reflect.construct(ClaimWatch, Object.values(parts));
  if (!(made instanceof ClaimWatch)) throw new Error('not a ClaimWatch');
  return made;
}

describe('the liveness of a process that runs tasks', () => {
  let watched: ClaimWatch | null = null;
  beforeEach(() => {
    Logger.overrideLogger(false);
    jest.useFakeTimers();
  });
  afterEach(() => {
    watched?.onModuleDestroy();
    jest.useRealTimers();
  });

  async function looked(state: Parameters<typeof watch>[0]): Promise<ClaimWatch> {
    watched = watch(state);
    watched.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(5000);
    return watched;
  }

  it('is lost when tasks wait while it has free slots and takes nothing', async () => {
    const claims = await looked({});
    expect(() => claims.assertClaiming()).toThrow(/task-1 waits. Restart it/);
  });

  it('is kept while all its slots are taken, or it took a task a moment ago', async () => {
    const full = await looked({ running: 2 });
    expect(() => full.assertClaiming()).not.toThrow();
    full.onModuleDestroy();
    const fresh = await looked({ idleMs: 1000 });
    expect(() => fresh.assertClaiming()).not.toThrow();
  });

  it('is kept while the queue is away: no restart would mend that', async () => {
    const claims = await looked({ queue: () => Promise.reject(new Error('away')) });
    expect(() => claims.assertClaiming()).not.toThrow();
  });
});
