import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Settings } from '@app/config';
import type { Backups } from './backups.js';

const LOOK_EVERY_MS = 60_000;
const AFTER_FAILURE_MS = 1_800_000;

/** Makes a backup when the newest is older than BACKUP_EVERY_HOURS, and keeps the newest BACKUP_KEEP of its own. */
export class BackupSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(BackupSchedule.name);
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;
  private notBeforeMs = 0;

  constructor(
    private readonly settings: Pick<Settings, 'backupEveryHours' | 'backupKeep'>,
    private readonly backups: Pick<Backups, 'current' | 'idle' | 'list' | 'remove' | 'start'>,
    private readonly nowMs: () => number = Date.now,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.backupEveryHours === null) return;
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    void this.look();
  }

  async onModuleDestroy(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.looking;
  }

  /** Begins a backup when one is due. Resolves when it was begun or not; never rejects. */
  look(): Promise<void> {
    this.looking ??= this.beginWhenDue()
      .catch((error: unknown) => this.logger.error({ err: error }, 'a scheduled backup could not be begun'))
      .finally(() => (this.looking = null));
    return this.looking;
  }

  private async beginWhenDue(): Promise<void> {
    const { backupEveryHours } = this.settings;
    if (backupEveryHours === null || this.nowMs() < this.notBeforeMs) return;
    const running = this.backups.current;
    if (running && running.phase !== 'failed') return;
    const [newest] = await this.backups.list();
    const age = newest?.about ? this.nowMs() - Date.parse(newest.about.created_at) : Infinity;
    if (age < backupEveryHours * 3_600_000) return;
    this.notBeforeMs = this.nowMs() + AFTER_FAILURE_MS;
    this.backups.start('schedule');
    // Not awaited here: a shutdown must not wait for more than the beginning.
    void this.backups.idle().then(() => this.prune());
  }

  private async prune(): Promise<void> {
    if (this.backups.current?.phase === 'failed') return;
    try {
      const scheduled = (await this.backups.list()).filter(({ about }) => about?.trigger === 'schedule');
      for (const { backupId } of scheduled.slice(this.settings.backupKeep))
        await this.backups.remove(backupId);
    } catch (error) {
      this.logger.warn({ err: error }, 'old backups could not be deleted');
    }
  }
}
