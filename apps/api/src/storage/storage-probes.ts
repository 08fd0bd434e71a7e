import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Settings } from '@app/config';
import { HealthChecks } from '@app/observability';
import { Paths } from '@app/paths';
import { Backups, checkBackups, errorCodeOf, StorageRoom } from '@app/storage';

/** What "ready" means for what is kept. A text is a warning. */
@Injectable()
export class StorageProbes implements OnModuleInit {
  constructor(
    private readonly checks: HealthChecks,
    private readonly settings: Settings,
    private readonly paths: Paths,
    private readonly room: StorageRoom,
    private readonly backups: Backups,
  ) {}

  onModuleInit(): void {
    this.checks.register('storage', () => this.checkRoom());
    if (this.settings.backupEveryHours !== null) this.checks.register('backups', () => this.checkBackups());
  }

  private async checkRoom(): Promise<string | null> {
    await this.room.assertRoom();
    return (await this.room.look()).message;
  }

  /** A backup that failed takes nobody's work away; who looks at readiness is who should know. Never rejects. */
  private async checkBackups(): Promise<string | null> {
    const { current } = this.backups;
    if (current?.phase === 'failed' && current.trigger === 'schedule') {
      return `The scheduled backup of ${current.startedAt} failed: ${current.problem}`;
    }
    try {
      const { level, message } = await checkBackups(this.settings, this.paths, Date.now());
      return level === 'fail' ? message : null;
    } catch (error) {
      return `The backups could not be looked at (${errorCodeOf(error) ?? 'unexpected error'}). Run claude-agent doctor.`;
    }
  }
}
