import { ApiProperty } from '@nestjs/swagger';
import {
  CLEANUP_KINDS,
  type CleanupItemShape,
  type CleanupKind,
  type CleanupShape,
  type CleanupTotalShape,
} from '@app/contracts';

export class CleanupTotalView implements CleanupTotalShape {
  @ApiProperty({ enum: CLEANUP_KINDS })
  kind: CleanupKind;

  /** What was used last before this goes; null: this kind is left alone. */
  older_than: string | null;
  count: number;
  bytes: number;
}

export class CleanupItemView implements CleanupItemShape {
  @ApiProperty({ enum: CLEANUP_KINDS })
  kind: CleanupKind;

  /** The session, the task, or the path in the data folder. */
  name: string;
  bytes: number;
  last_used_at: string | null;
}

export class CleanupView implements CleanupShape {
  dry_run: boolean;
  status: 'running' | 'done' | 'failed';
  trigger: 'manual' | 'schedule';
  started_at: string;
  ended_at: string | null;
  problem: string | null;
  totals: CleanupTotalView[];
  /** The first two hundred; `totals` counts all. */
  items: CleanupItemView[];
  /** Found old, and left alone: in use at that moment, or a link. */
  skipped: number;
}
