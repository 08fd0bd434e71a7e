import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { waitFor } from '../../support/index.js';
import { now } from '../harness/clock.js';
import { noteFigure } from '../harness/figures.js';
import { over, submit, submitMany, working } from '../harness/load.js';
import { scanProcesses } from '../harness/scan-processes.js';
import { World } from '../harness/world.js';

jest.setTimeout(180_000);
const MEGABYTE = 1024 * 1024;

describe('processes that misbehave', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open('sqlite', { leaseSeconds: 12 });
  });
  afterAll(() => world.close());

  const gone = async (limitMs: number): Promise<number> => {
    const from = now();
    await waitFor(() => scanProcesses(world.dataDir).length === 0, {
      timeoutMs: limitMs,
      what: 'the processes of the run to be gone',
    });
    return now() - from;
  };

  it('R23 a daemon child: it does not outlive the run', async () => {
    const { taskId } = await submit(world, 'r23', 'claude:daemon', 1);
    expect(await over(world, taskId)).toBe('COMPLETED');
    const tookMs = await gone(2000);
    noteFigure('R23', 'daemon gone after the end', tookMs, 'ms');
    await world.check();
  });

  it('R24 a run that ignores SIGTERM: cancelled all the same, and nothing survives', async () => {
    const { key, taskId } = await submit(world, 'r24', 'claude:stubborn', 1);
    await working(world, key);
    const from = now();
    await world.client.call('POST', `/api/tasks/${taskId}/cancel`);
    expect(await over(world, taskId)).toBe('CANCELLED');
    expect(scanProcesses(world.dataDir)).toEqual([]);
    noteFigure('R24', 'stubborn run cancelled', now() - from, 'ms');
    expect(now() - from).toBeLessThan(12_000);
    await world.check();
  });

  it.each([
    ['a line of 10 MB', 'claude:line:10', 'COMPLETED'],
    ['characters that come byte by byte', 'claude:split', 'COMPLETED'],
    ['a last line without its end', 'claude:bare', 'COMPLETED'],
    ['exit code 3', 'claude:exit:3', 'FAILED'],
  ])('R31 %s: the task ends as it should', async (title, script, end) => {
    const { taskId } = await submit(world, `r31-${title.replaceAll(' ', '-')}`, script, 1);
    expect(await over(world, taskId)).toBe(end);
    const history = await world.check();
    const text = history.database.log
      .filter((row) => row.task_id === taskId && row.type === 'task.output')
      .map((row) => (JSON.parse(row.data) as { text: string }).text)
      .join('');
    if (script === 'claude:split') expect(text).toContain('Grüße, 世界, 👩‍💻');
    if (script === 'claude:line:10') expect(text.length).toBeGreaterThan(10 * MEGABYTE);
  });
});

describe('output that nobody can keep up with', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open('sqlite', { leaseSeconds: 12 });
  });
  afterAll(() => world.close());

  const residentBytes = (): number => {
    const [, kilobytes] =
      /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${world.nodes[0]?.pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  };
  /** The most memory that the service held while the work went on, above what it held before. */
  const growthWhile = async (work: () => Promise<unknown>): Promise<number> => {
    const before = residentBytes();
    let most = before;
    const timer = setInterval(() => (most = Math.max(most, residentBytes())), 50);
    await work().finally(() => clearInterval(timer));
    return most - before;
  };

  it('R30–31 a flood of 100 MB and a slow reader of it: memory is bounded, others are not held up', async () => {
    // What the service needs for any work at all is not the flood's.
    for (const { taskId } of await submitMany(world, 'r31-before', 20, () => 'claude:ok:20', 1))
      expect(await over(world, taskId)).toBe('COMPLETED');
    const from = now();
    const growth = await growthWhile(async () => {
      const flood = await submit(world, 'r31-flood', 'claude:flood:100', 1);
      await working(world, flood.key, 10);
      const slow = slowReader(
        `${world.endpoints[0].url}/api/tasks/${flood.taskId}/stream`,
        world.setUp.key(),
      );
      const other = await submit(world, 'r31-other', 'slow:20@20', 1);
      const watcher = world.socketWatcher('other');
      watcher.watch(other.taskId);
      expect(await over(world, flood.taskId, 120_000)).toBe('COMPLETED');
      expect(watcher.finished).toBe(true);
      expect(await over(world, other.taskId)).toBe('COMPLETED');
      slow.destroy();
    });
    noteFigure('R31', 'memory above rest in a flood of 100 MB', growth / MEGABYTE, 'MB');
    noteFigure('R31', 'flood of 100 MB stored', now() - from, 'ms');
    expect(growth).toBeLessThan(64 * MEGABYTE);
    await world.check();
  });
});

/** Reads nothing at all after its headers: the worst kind of slow. */
function slowReader(url: string, key: string): { destroy(): void } {
  const reading = request(url, { headers: { Authorization: `Bearer ${key}` } }, (response) =>
    response.pause(),
  );
  reading.on('error', () => undefined);
  reading.end();
  return reading;
}
