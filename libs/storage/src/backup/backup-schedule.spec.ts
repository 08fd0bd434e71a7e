import { describe, expect, it } from '@jest/globals';
import type { BackupProgress } from './backups.js';
import { BackupSchedule } from './backup-schedule.js';
import type { StoredBackup } from './backup-files.js';
import type { BackupTrigger } from './layout.js';

const HOUR = 3_600_000;
const START = Date.parse('2026-01-22T00:00:00Z');

/** Backups that take no time, by a clock that the test turns. */
class World {
  nowMs = START;
  failing = false;
  made: StoredBackup[] = [];
  current: BackupProgress | null = null;
  readonly schedule: BackupSchedule;

  constructor(backupEveryHours: number | null, backupKeep: number) {
    this.schedule = new BackupSchedule({ backupEveryHours, backupKeep }, this, () => this.nowMs);
  }

  list = async (): Promise<StoredBackup[]> => [...this.made].reverse();
  idle = async (): Promise<void> => undefined;
  remove = async (backupId: string): Promise<void> => {
    this.made = this.made.filter((backup) => backup.backupId !== backupId);
  };
  start = (trigger: BackupTrigger): BackupProgress => {
    const backupId = new Date(this.nowMs).toISOString();
    const progress: BackupProgress = {
      backupId,
      trigger,
      startedAt: backupId,
      phase: this.failing ? 'failed' : 'finishing',
      entries: 0,
      bytes: 0,
      problem: this.failing ? 'The storage is full.' : null,
    };
    this.current = this.failing ? progress : null;
    if (!this.failing) this.made.push(storedAt(this.nowMs, trigger));
    return progress;
  };

  /** Looks once a minute, as the service does, for so many hours. Returns the hours at which one was made. */
  async pass(hours: number): Promise<number[]> {
    const before = new Set(this.made.map(({ backupId }) => backupId));
    const endMs = this.nowMs + hours * HOUR;
    const at: number[] = [];
    for (; this.nowMs < endMs; this.nowMs += 60_000) {
      await this.schedule.look();
      // What follows a backup is not awaited by the schedule.
      await new Promise((resolve) => setImmediate(resolve));
      for (const { backupId } of this.made) {
        if (!before.has(backupId)) at.push((this.nowMs - START) / HOUR);
        before.add(backupId);
      }
    }
    return at;
  }
}

function storedAt(atMs: number, trigger: BackupTrigger): StoredBackup {
  const at = new Date(atMs).toISOString();
  return {
    backupId: at,
    size: 1,
    notes: null,
    about: {
      format: 'claude-agent-backup',
      version: 1,
      backup_id: at,
      created_at: at,
      trigger,
      app_version: '0.1.0',
      database: 'sqlite',
      migrations: [],
      kek: null,
    },
  };
}

describe('scheduled backups', () => {
  it('are made as often as the setting says, and the newest of them are kept', async () => {
    const world = new World(6, 3);
    expect(await world.pass(31)).toEqual([0, 6, 12, 18, 24, 30]);
    expect(world.made.map(({ about }) => about?.created_at.slice(8, 13))).toEqual([
      '22T18',
      '23T00',
      '23T06',
    ]);
  });

  it('are not made without the setting', async () => {
    const world = new World(null, 3);
    expect(await world.pass(2)).toEqual([]);
  });

  it('are not due before one made by hand is as old, and never remove that', async () => {
    const world = new World(6, 1);
    world.start('manual');
    expect(await world.pass(13)).toEqual([6, 12]);
    expect(world.made.map(({ about }) => about?.trigger)).toEqual(['manual', 'schedule']);
  });

  it('that failed are tried again after half an hour, and remove nothing meanwhile', async () => {
    const world = new World(6, 1);
    await world.pass(1);
    world.failing = true;
    world.nowMs = START + 6 * HOUR;
    expect(await world.pass(0.4)).toEqual([]);
    expect(world.made).toHaveLength(1);
    world.failing = false;
    expect(await world.pass(0.5)).toEqual([6.5]);
  });

  it('go on after a restart where they were', async () => {
    const world = new World(6, 3);
    await world.pass(2);
    const again = new World(6, 3);
    again.made = world.made;
    again.nowMs = world.nowMs;
    expect(await again.pass(5)).toEqual([6]);
  });
});
