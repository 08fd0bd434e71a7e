import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { InMemoryLiveBus } from '@app/bus';
import { loadSettings } from '@app/config';
import type { AgentRun } from '@app/engines';
import type { EventLog, TaskRunsRepository } from '@app/tasks';
import { insist } from './insist.js';
import { LeaseKeeper } from './lease-keeper.js';
import { RunningTask, RunningTasks } from './running-tasks.js';

type Heartbeat = TaskRunsRepository['heartbeat'];

describe('the lease of a running task', () => {
  const heartbeat = jest.fn<Heartbeat>();
  const stop = jest.fn<AgentRun['stop']>();
  let keeper: LeaseKeeper;
  let task: RunningTask;
  let release: () => void;

  beforeEach(() => {
    jest.useFakeTimers();
    heartbeat.mockReset().mockResolvedValue({ cancelRequested: false, lastSeq: 0 });
    stop.mockReset().mockResolvedValue(undefined);
    keeper = new LeaseKeeper(
      loadSettings({ LEASE_SECONDS: '12' }),
      { heartbeat } as Partial<TaskRunsRepository> as TaskRunsRepository,
      { inputsAfter: () => Promise.resolve([]) } as Partial<EventLog> as EventLog,
      new RunningTasks(),
      new InMemoryLiveBus(),
    );
    task = new RunningTask({ taskId: 't', fence: 1 }, Promise.resolve());
    task.attach({ stop } as Partial<AgentRun> as AgentRun);
    release = keeper.keep(task, performance.now());
  });
  afterEach(() => {
    release();
    jest.useRealTimers();
  });

  it('is held as long as heartbeats succeed', async () => {
    await jest.advanceTimersByTimeAsync(60_000);
    expect(task.mayWrite()).toBe(true);
    expect(heartbeat).toHaveBeenCalledTimes(20);
  });

  it('is renewed at once when the claim was answered late', async () => {
    await jest.advanceTimersByTimeAsync(60_000);
    release();
    heartbeat.mockClear();
    release = keeper.keep(task, performance.now() - 1600);
    await jest.advanceTimersByTimeAsync(0);
    expect(heartbeat).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('no database'))],
    ['is never answered', () => new Promise<never>(() => undefined)],
  ])('ends two seconds early when each heartbeat %s, and its processes are killed', async (_how, answer) => {
    heartbeat.mockImplementation(answer);
    await jest.advanceTimersByTimeAsync(9_900);
    expect(task.stopCause).toBeNull();
    await jest.advanceTimersByTimeAsync(100);
    expect(task.stopCause).toBe('lease_lost');
    expect(stop).toHaveBeenCalledWith(0);
    expect(heartbeat.mock.calls.length).toBeGreaterThan(1);
  });

  it('survives a pause of the database that is shorter than the lease', async () => {
    heartbeat.mockImplementation(() => Promise.reject(new Error('no database')));
    await jest.advanceTimersByTimeAsync(8_000);
    heartbeat.mockResolvedValue({ cancelRequested: false, lastSeq: 0 });
    await jest.advanceTimersByTimeAsync(30_000);
    expect(task.mayWrite()).toBe(true);
  });

  it('is lost at once when a heartbeat learns so, also while the run is being ended for another reason', async () => {
    task.stop('cancelled');
    heartbeat.mockResolvedValue(null);
    await jest.advanceTimersByTimeAsync(3000);
    expect(task.stopCause).toBe('lease_lost');
    expect(task.mayWrite()).toBe(false);
  });

  it('brings a cancellation whose hint was lost within three seconds', async () => {
    heartbeat.mockResolvedValue({ cancelRequested: true, lastSeq: 0 });
    await jest.advanceTimersByTimeAsync(3000);
    expect(task.stopCause).toBe('cancelled');
  });
});

describe('a write of a run', () => {
  const running = (): { task: RunningTask; freeze: (ms: number) => void } => {
    let now = 0;
    const task = new RunningTask({ taskId: 't', fence: 1 }, Promise.resolve(), () => now);
    task.holdUntil(10_000);
    return { task, freeze: (ms) => (now += ms) };
  };

  it('does not begin after a freeze that outlasted the lease, before any timer could tell', async () => {
    const { task, freeze } = running();
    freeze(10_000);
    const write = jest.fn<() => Promise<string>>();
    expect(await insist(task, write)).toBeNull();
    expect(write).not.toHaveBeenCalled();
    expect(task.stopCause).toBe('lease_lost');
  });

  it('is given up when the lease ends while the database does not answer', async () => {
    const { task } = running();
    const waiting = insist(task, () => new Promise<never>(() => undefined));
    task.stop('lease_lost');
    expect(await waiting).toBeNull();
  });

  it('is tried again while the database is away, and told that an earlier try may have been stored', async () => {
    const { task } = running();
    const tries: boolean[] = [];
    const stored = await insist(task, (again) => {
      tries.push(again);
      const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
      return tries.length < 3 ? Promise.reject(away) : Promise.resolve('stored');
    });
    expect(stored).toBe('stored');
    expect(tries).toEqual([false, true, true]);
  });

  it('is tried again also when a pooler or the disk under the database fails', async () => {
    const { task } = running();
    const codes = ['08P01', '58030', 'SQLITE_IOERR'];
    const stored = await insist(task, () => {
      const code = codes.shift();
      return code === undefined
        ? Promise.resolve('stored')
        : Promise.reject(Object.assign(new Error('away'), { code }));
    });
    expect(stored).toBe('stored');
  });

  it('is given four seconds while the storage is full, and then told why', async () => {
    jest.useFakeTimers();
    try {
      const { task } = running();
      const full = jest.fn(() => Promise.reject(Object.assign(new Error('full'), { code: 'SQLITE_FULL' })));
      const waiting = insist(task, full).catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(3900);
      full.mockImplementationOnce(() => Promise.reject(Object.assign(new Error('away'), { code: 'EPIPE' })));
      await jest.advanceTimersByTimeAsync(1000);
      expect(await waiting).toMatchObject({ code: 'SQLITE_FULL' });
      expect(task.mayWrite()).toBe(true);
      expect(task.wasLostToFullStorage).toBe(false);
      const endless = insist(task, full, Infinity);
      await jest.advanceTimersByTimeAsync(60_000);
      task.stop('lease_lost');
      expect(await endless).toBeNull();
      expect(task.wasLostToFullStorage).toBe(true);
    } finally {
      jest.useRealTimers();
    }
  });

  it('is tried a few times more with an error that nobody has thought of', async () => {
    const { task } = running();
    const strange = () => Promise.reject(Object.assign(new Error('strange'), { code: '54000' }));
    const write = jest
      .fn<() => Promise<string>>()
      .mockImplementationOnce(strange)
      .mockResolvedValue('stored');
    expect(await insist(task, write)).toBe('stored');
    write.mockReset().mockImplementation(strange);
    await expect(insist(task, write)).rejects.toThrow('strange');
    expect(write).toHaveBeenCalledTimes(4);
  });

  it('is not tried again when it is a mistake', async () => {
    const { task } = running();
    await expect(insist(task, () => Promise.reject(new Error('a bug')))).rejects.toThrow('a bug');
  });
});
