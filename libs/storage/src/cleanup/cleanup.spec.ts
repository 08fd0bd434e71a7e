import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Settings } from '@app/config';
import { Paths } from '@app/paths';
import { Cleanup } from './cleanup.js';
import type { EndedTaskLogs, RestingSessions } from './ports.js';

const DAY = 86_400_000;
const nowMs = Date.parse('2026-01-22T10:00:00Z');
const idOf = (number: number): string => `01900000-0000-7000-8000-${String(number).padStart(12, '0')}`;

/** All sessions are at rest, but those that are busy. */
class Sessions implements RestingSessions {
  readonly busy = new Set<string>();

  async restingOf(ids: readonly string[]): Promise<Map<string, string | null>> {
    return new Map(ids.map((id) => [id, null]));
  }

  async takeAtRest(id: string, _before: string, take: () => Promise<void>): Promise<boolean> {
    if (this.busy.has(id)) return false;
    await take();
    return true;
  }
}

const NO_LOGS: EndedTaskLogs = { endedBefore: async () => [], forget: async () => undefined };

describe('a clean-up', () => {
  let root: string;
  let sessions: Sessions;
  let settings: Settings;
  beforeEach(() => {
    Logger.overrideLogger(false);
    root = mkdtempSync(join(tmpdir(), 'cleanup-'));
    sessions = new Sessions();
    settings = Object.assign(new Settings(), { dataDir: root, workspaceRetentionDays: 30 });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const cleanup = (step?: (name: string) => Promise<void>, clock = () => nowMs): Cleanup =>
    new Cleanup(
      settings,
      new Paths({ appDir: root, dataDir: root }),
      { sessions, logs: NO_LOGS },
      {
        nowMs: clock,
        ...(step ? { step } : {}),
      },
    );

  function workspace(number: number, ageDays: number): string {
    const folder = join(root, 'workspaces', idOf(number));
    mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
    writeFileSync(join(folder, 'deep', 'er', 'file'), 'x');
    const at = new Date(nowMs - ageDays * DAY);
    utimesSync(folder, at, at);
    return folder;
  }

  async function run(one: Cleanup, dryRun = false) {
    one.start({ dryRun, trigger: 'manual' });
    await one.idle();
    return one.latest;
  }

  it('removes what was at rest for long enough, and says how much that was', async () => {
    const old = workspace(1, 31);
    const young = workspace(2, 29);
    const would = await run(cleanup(), true);
    expect(would).toMatchObject({
      dry_run: true,
      status: 'done',
      items: [{ kind: 'workspaces', name: idOf(1) }],
    });
    expect(existsSync(old)).toBe(true);
    const did = await run(cleanup());
    const amounts = (shown: typeof did) =>
      shown?.totals.map(({ kind, count, bytes }) => ({ kind, count, bytes }));
    expect(amounts(did)).toEqual(amounts(would));
    expect(did?.totals[0]).toMatchObject({ count: 1, bytes: expect.any(Number) });
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  });

  it('does nothing where no setting and nobody says after how long', async () => {
    settings.workspaceRetentionDays = null;
    const old = workspace(1, 3000);
    expect(await run(cleanup())).toMatchObject({ status: 'done', items: [] });
    expect(existsSync(old)).toBe(true);
  });

  it('leaves a session alone that was given a task at the last moment', async () => {
    const old = workspace(1, 31);
    sessions.busy.add(idOf(1));
    expect(await run(cleanup())).toMatchObject({ items: [], skipped: 1 });
    expect(existsSync(join(old, 'deep', 'er', 'file'))).toBe(true);
  });

  it('follows no link: neither one in the place of a workspace nor one inside of it', async () => {
    const elsewhere = join(root, 'precious');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'file'), 'x');
    symlinkSync(elsewhere, join(workspace(1, 31), 'out'));
    utimesSync(join(root, 'workspaces', idOf(1)), new Date(0), new Date(0));
    symlinkSync(elsewhere, join(root, 'workspaces', idOf(2)));
    expect(await run(cleanup())).toMatchObject({ items: [{ name: idOf(1) }], skipped: 1 });
    expect(readdirSync(elsewhere)).toEqual(['file']);
    expect(lstatSync(join(root, 'workspaces', idOf(2))).isSymbolicLink()).toBe(true);
  });

  it('leaves what it does not know by its name', async () => {
    mkdirSync(join(root, 'workspaces', 'mine'), { recursive: true });
    utimesSync(join(root, 'workspaces', 'mine'), new Date(0), new Date(0));
    expect(await run(cleanup())).toMatchObject({ items: [] });
    expect(existsSync(join(root, 'workspaces', 'mine'))).toBe(true);
  });

  it('that dies between its steps has taken a workspace away whole, and the next one ends its work', async () => {
    const old = workspace(1, 31);
    const died = new Promise<void>((resolve) => {
      // As after kill -9: it never goes on from here.
      cleanup(() => new Promise(() => resolve())).start({ dryRun: false, trigger: 'manual' });
    });
    await died;
    expect(existsSync(old)).toBe(false);
    const [leftover = ''] = readdirSync(join(root, 'workspaces'));
    expect(existsSync(join(root, 'workspaces', leftover, 'deep', 'er', 'file'))).toBe(true);
    // The session goes on meanwhile, with a new folder.
    workspace(1, 0);
    expect(await run(cleanup())).toMatchObject({
      items: [{ kind: 'leftovers', name: `workspaces/${leftover}` }],
    });
    expect(readdirSync(join(root, 'workspaces'))).toEqual([idOf(1)]);
  });

  it('removes temporary files of Claude Code, and neither transcripts nor young ones', async () => {
    settings.cacheRetentionDays = 8;
    for (const [path, ageDays] of Object.entries({
      'debug/a.txt': 9,
      'debug/b.txt': 7,
      'projects/p/t.jsonl': 900,
    })) {
      const file = join(root, 'claude', path);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, 'x');
      utimesSync(file, new Date(nowMs - ageDays * DAY), new Date(nowMs - ageDays * DAY));
    }
    expect(await run(cleanup())).toMatchObject({ items: [{ kind: 'cache', name: 'claude/debug/a.txt' }] });
    expect(existsSync(join(root, 'claude/projects/p/t.jsonl'))).toBe(true);
  });

  it('is made one at a time', async () => {
    const one = cleanup();
    one.start({ dryRun: true, trigger: 'manual' });
    expect(() => one.start({ dryRun: true, trigger: 'manual' })).toThrow(
      expect.objectContaining({ code: 'CLEANUP_RUNNING' }),
    );
    await one.idle();
  });

  it('is made by itself ten minutes after the start and then once a day, where a setting wants it', async () => {
    let clockMs = nowMs;
    const one = cleanup(undefined, () => clockMs);
    one.onApplicationBootstrap();
    try {
      const madeAt = async (minutes: number): Promise<string | null> => {
        clockMs = nowMs + minutes * 60_000;
        one.look();
        await one.idle();
        return one.latest?.totals[0]?.older_than ?? null;
      };
      expect(await madeAt(9)).toBeNull();
      const first = await madeAt(10);
      expect(first).toBe('2025-12-23T10:10:00.000Z');
      expect(await madeAt(10 + 1439)).toBe(first);
      expect(await madeAt(10 + 1440)).toBe('2025-12-24T10:10:00.000Z');
      expect(one.latest).toMatchObject({ trigger: 'schedule', dry_run: false });
    } finally {
      await one.onModuleDestroy();
    }
  });
});
