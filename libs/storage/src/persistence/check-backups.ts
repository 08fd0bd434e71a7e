import type { PersistenceFinding } from '@app/contracts';
import type { Paths } from '@app/paths';
import { readBackupFailure } from '../backup/backup-failure.js';
import { BackupFiles } from '../backup/backup-files.js';
import { fail, ok, warn } from './finding.js';

const HOUR_MS = 3_600_000;

export interface BackupWish {
  backupEveryHours: number | null;
}

/** Whether the backups that were asked for are made. Also said by readiness, as a warning. */
export async function checkBackups(
  { backupEveryHours: every }: BackupWish,
  paths: Paths,
  nowMs: number,
): Promise<PersistenceFinding> {
  const failure = await readBackupFailure(paths);
  if (failure) {
    return fail(
      'backups',
      'BACKUP_FAILED',
      `The scheduled backup of ${failure.at} failed: ${failure.problem}`,
      'Make one with `claude-agent backup create`, which shows the reason; the next that succeeds takes this line away.',
    );
  }
  const [newest] = await new BackupFiles(paths).list();
  const madeMs = newest?.about ? Date.parse(newest.about.created_at) : null;
  if (madeMs === null) {
    return warn(
      'backups',
      'BACKUP_NONE',
      'There is none.',
      'Make one with `claude-agent backup create`, or set BACKUP_EVERY_HOURS; and copy them to another disk.',
    );
  }
  const hours = Math.max(0, Math.round((nowMs - madeMs) / HOUR_MS));
  if (every !== null && nowMs - madeMs > (every * 2 + 1) * HOUR_MS) {
    return fail(
      'backups',
      'BACKUP_TOO_OLD',
      `The newest is ${hours} hours old, although one is due every ${every} hours.`,
      'See whether the service runs, and look for "backup" in its log.',
    );
  }
  return ok('backups', `The newest is ${hours} hours old.`);
}
