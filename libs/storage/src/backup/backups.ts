import { join } from 'node:path';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import type { Paths } from '@app/paths';
import { errorCodeOf } from '../storage-error.js';
import { forgetBackupFailure, noteBackupFailure } from './backup-failure.js';
import { BackupFiles, type StoredBackup } from './backup-files.js';
import type { BackupTrigger } from './layout.js';
import { makeBackup, newBackupId } from './make-backup.js';
import { verifyArchive } from './verify-archive.js';

/** A backup that is being made by this process, or that failed in it. */
export interface BackupProgress {
  backupId: string;
  trigger: BackupTrigger;
  startedAt: string;
  phase: 'starting' | 'database' | 'files' | 'finishing' | 'failed';
  entries: number;
  bytes: number;
  problem: string | null;
}

/**
 * The backups of the data folder: one is made at a time, in the background. What goes wrong is shown on it, and for
 * a scheduled one kept on the disk until the next succeeds.
 */
export class Backups implements OnApplicationShutdown {
  private readonly logger = new Logger(Backups.name);
  private readonly ending = new AbortController();
  private readonly files: BackupFiles;
  private latest: BackupProgress | null = null;
  private making: Promise<void> | null = null;
  private readonly verifying = new Map<string, Promise<void>>();

  constructor(
    private readonly settings: Settings,
    private readonly paths: Paths,
    private readonly storedKek: () => Promise<string | null>,
  ) {
    this.files = new BackupFiles(paths);
  }

  /** Returns at once. Throws `BACKUP_RUNNING`. */
  start(trigger: BackupTrigger): BackupProgress {
    if (this.making) {
      throw new AppError('BACKUP_RUNNING', 'A backup is being made already. Wait until it has ended.');
    }
    const now = new Date();
    const progress: BackupProgress = {
      backupId: newBackupId(now),
      trigger,
      startedAt: now.toISOString(),
      phase: 'starting',
      entries: 0,
      bytes: 0,
      problem: null,
    };
    this.latest = progress;
    this.making = this.make(progress).finally(() => (this.making = null));
    return progress;
  }

  /** Resolves when none is being made by this process. Never rejects: `current` tells. */
  async idle(): Promise<void> {
    await this.making;
  }

  /** The one that is being made, or that failed last; null when the last succeeded. */
  get current(): BackupProgress | null {
    return this.latest;
  }

  isVerifying(backupId: string): boolean {
    return this.verifying.has(backupId);
  }

  list(): Promise<StoredBackup[]> {
    return this.files.list();
  }

  get(backupId: string): Promise<StoredBackup> {
    return this.files.get(backupId);
  }

  archiveOf(backupId: string): string {
    return this.files.archiveOf(backupId);
  }

  /** Reads the whole backup in the background; `get` tells what came of it. */
  async verify(backupId: string): Promise<void> {
    const backup = await this.files.get(backupId);
    if (this.verifying.has(backupId)) return;
    const work = this.readWhole(backup).finally(() => this.verifying.delete(backupId));
    this.verifying.set(backupId, work);
  }

  async remove(backupId: string): Promise<void> {
    await this.files.remove(backupId);
    this.logger.log(`backup ${backupId} was deleted`);
  }

  async onApplicationShutdown(): Promise<void> {
    this.ending.abort();
    await this.making;
    await Promise.all(this.verifying.values());
  }

  /** Never rejects: the failure is shown on the backup. */
  private async make(progress: BackupProgress): Promise<void> {
    try {
      const { backupId, trigger } = progress;
      const made = await makeBackup(this.settings, this.paths, {
        backupId,
        trigger,
        kek: await this.storedKek(),
        signal: this.ending.signal,
        progress: (phase, { entries, bytes }) => Object.assign(progress, { phase, entries, bytes }),
      });
      this.latest = null;
      await forgetBackupFailure(this.paths);
      this.logger.log(`backup ${backupId} was made: ${made.size} bytes`);
    } catch (error) {
      if (this.ending.signal.aborted) return;
      progress.phase = 'failed';
      progress.problem = problemOf(error);
      this.logger.error({ err: error }, `backup ${progress.backupId} failed`);
      if (progress.trigger !== 'schedule' || isRunningElsewhere(error)) return;
      await this.keepFailure(progress.problem);
    }
  }

  private async keepFailure(problem: string): Promise<void> {
    try {
      await noteBackupFailure(this.paths, { at: new Date().toISOString(), problem });
    } catch (error) {
      this.logger.warn({ err: error }, 'the failure could not be written down');
    }
  }

  private async readWhole({ backupId, notes, about }: StoredBackup): Promise<void> {
    const archive = this.files.archiveOf(backupId);
    let problem: string | null = null;
    try {
      const draft = join(this.paths.backups, `.${backupId}.verify`);
      const whole = await verifyArchive(archive, draft, this.ending.signal);
      about ??= whole.about;
    } catch (error) {
      if (this.ending.signal.aborted) return;
      problem = problemOf(error);
      this.logger.error({ err: error }, `backup ${backupId} cannot be used`);
    }
    if (!notes) return;
    const verified = { at: new Date().toISOString(), problem };
    await this.files.note(backupId, { ...notes, verified }).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'the result of the check could not be written down');
    });
  }
}

function isRunningElsewhere(error: unknown): boolean {
  return error instanceof AppError && error.code === 'BACKUP_RUNNING';
}

function problemOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  return `It failed (${errorCodeOf(error) ?? 'unexpected error'}); the reason is in the log.`;
}
