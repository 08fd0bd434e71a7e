import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Paths } from '@app/paths';
import { measureTree, type TreeMeasure } from './measure-tree.js';
import { StorageUsage } from './storage-usage.js';
import { growthOf, withPoint } from './usage-record.js';

const HOUR = 3_600_000;

describe('the usage of the storage', () => {
  let root: string;
  let nowMs: number;
  let finish: ((measured: TreeMeasure) => void)[];
  let usage: StorageUsage;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'usage-'));
    nowMs = Date.parse('2026-01-22T10:00:00Z');
    finish = [];
    usage = new StorageUsage(
      { storageMaxMb: null },
      new Paths({ appDir: root, dataDir: root }),
      () => new Promise((resolve) => finish.push(resolve)),
      () => nowMs,
    );
  });
  afterEach(() => rmSync(root, { recursive: true }));

  async function measured(): Promise<void> {
    finish.at(-1)?.(measureTree(root));
    await usage.idle();
  }

  it('is measured once, however many ask', async () => {
    const asked = [usage.ask(), usage.ask(), usage.ask({ fresh: true })];
    expect(finish).toHaveLength(1);
    await measured();
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ totalFiles: 0 });
  });

  it('is told from memory with its age until it is old, and then told while it is measured again', async () => {
    void usage.ask();
    await measured();
    nowMs += HOUR / 5;
    await usage.ask();
    expect(finish).toHaveLength(1);
    nowMs += HOUR;
    const answer = await usage.ask();
    expect(finish).toHaveLength(2);
    expect(usage.isMeasuring).toBe(true);
    expect(nowMs - (answer?.measuredAtMs ?? 0)).toBe(HOUR * 1.2);
    await measured();
  });

  it('is not measured again at once, also when somebody wishes that', async () => {
    void usage.ask();
    await measured();
    nowMs += 9000;
    await usage.ask({ fresh: true });
    expect(finish).toHaveLength(1);
    nowMs += 2000;
    await usage.ask({ fresh: true });
    expect(finish).toHaveLength(2);
    await measured();
  });

  it('grows by what a week shows', () => {
    const at = (hours: number): string => new Date(nowMs + hours * HOUR).toISOString();
    let points: readonly { at: string; bytes: number }[] = [];
    for (let hours = 0; hours <= 24 * 10; hours += 1) {
      points = withPoint(points, { at: at(hours), bytes: hours * 1000 });
    }
    expect(points).toHaveLength(41);
    const now = { at: at(240), bytes: 240_000 };
    expect(growthOf(points, now)).toEqual({ since: at(72), bytesPerDay: 24_000 });
    expect(growthOf([{ at: at(240), bytes: 0 }], now)).toBeNull();
    expect(growthOf([], now)).toBeNull();
  });
});
