import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { CredentialPool } from '@app/credentials';
import type { TaskRunsRepository } from '@app/tasks';
import { QuotaWatch } from './quota-watch.js';

describe('tasks that wait for the end of a usage limit', () => {
  const usable = jest.fn<CredentialPool['usable']>();
  const wakeParked = jest.fn<TaskRunsRepository['wakeParked']>();
  let watch: QuotaWatch;

  beforeEach(() => {
    Logger.overrideLogger(false);
    usable.mockReset().mockResolvedValue(new Set(['a']));
    wakeParked.mockReset().mockResolvedValue(1);
    watch = new QuotaWatch(
      { usable } as Partial<CredentialPool> as CredentialPool,
      { wakeParked } as Partial<TaskRunsRepository> as TaskRunsRepository,
    );
  });

  it('are woken when a credential becomes usable, and not again for the same one', async () => {
    const seen: number[] = [];
    for (const ids of [[], ['a'], ['a'], ['a', 'b'], ['b'], ['a', 'b']]) {
      usable.mockResolvedValue(new Set(ids));
      await watch.look();
      seen.push(wakeParked.mock.calls.length);
    }
    expect(seen).toEqual([0, 1, 1, 2, 2, 3]);
    expect(wakeParked).toHaveBeenLastCalledWith('waiting_quota');
  });

  it('are woken at the next look when the database was away', async () => {
    wakeParked.mockRejectedValueOnce(new Error('no database'));
    await expect(watch.look()).rejects.toThrow('no database');
    await watch.look();
    await watch.look();
    expect(wakeParked).toHaveBeenCalledTimes(2);
  });
});
