import type { BackupProgress, StoredBackup } from '@app/storage';

export class BackupContentsView {
  files: number;
  /** Unpacked. */
  bytes: number;
  /** Rows of each table. */
  tables: Record<string, number>;
  /** Files that could not be read, or changed while they were. */
  incomplete: number;
}

export class BackupVerificationView {
  at: string;
  /** null: every entry is as it was written. */
  problem: string | null;
}

export class BackupView {
  backup_id: string;
  status: 'running' | 'failed' | 'complete' | 'unreadable';
  /** While it is being made. */
  phase?: string;
  trigger: 'manual' | 'schedule' | null;
  created_at: string | null;
  /** Of the archive; while it is being made, what was put into it. */
  size: number;
  sha256: string | null;
  app_version: string | null;
  database: 'sqlite' | 'rows' | null;
  contents: BackupContentsView | null;
  duration_ms: number | null;
  /** Being read to its end at this moment. */
  verifying: boolean;
  verified: BackupVerificationView | null;
  /** Why it failed. */
  problem: string | null;

  static of({ backupId, size, about, notes }: StoredBackup, verifying: boolean): BackupView {
    const totals = notes?.totals ?? null;
    return {
      backup_id: backupId,
      status: about ? 'complete' : 'unreadable',
      trigger: about?.trigger ?? null,
      created_at: about?.created_at ?? null,
      size,
      sha256: notes?.sha256 ?? null,
      app_version: about?.app_version ?? null,
      database: about?.database ?? null,
      contents: totals && {
        files: totals.entries,
        bytes: totals.bytes,
        tables: totals.tables,
        incomplete: totals.incomplete,
      },
      duration_ms: notes?.duration_ms ?? null,
      verifying,
      verified: notes?.verified ?? null,
      problem: null,
    };
  }

  static ofProgress({ backupId, phase, trigger, startedAt, bytes, problem }: BackupProgress): BackupView {
    return {
      backup_id: backupId,
      status: phase === 'failed' ? 'failed' : 'running',
      ...(phase === 'failed' ? {} : { phase }),
      trigger,
      created_at: startedAt,
      size: bytes,
      sha256: null,
      app_version: null,
      database: null,
      contents: null,
      duration_ms: null,
      verifying: false,
      verified: null,
      problem,
    };
  }
}

export class BackupListView {
  items: BackupView[];
  /** All are given at once: null. */
  next_cursor: string | null;
}
