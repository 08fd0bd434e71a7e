import { Injectable } from '@nestjs/common';
import type { SessionUsageShape, StorageUsageShape } from '@app/contracts';
import { SessionRepository } from '@app/sessions';
import { SessionRowsRepository } from '@app/tasks';
import { sizeOf, StorageRoom, StorageUsage, type SessionAmount } from '@app/storage';

/** What was measured, as people are told it: with names of sessions, and with what is left. */
@Injectable()
export class UsageReport {
  constructor(
    private readonly usage: StorageUsage,
    private readonly room: StorageRoom,
    private readonly sessions: SessionRepository,
    private readonly rows: SessionRowsRepository,
  ) {}

  async total(fresh: boolean): Promise<StorageUsageShape> {
    const measured = await this.usage.ask({ fresh });
    const space = await this.room.look();
    const growth = measured?.growth ?? null;
    const measuredAtMs = measured?.measuredAtMs ?? null;
    return {
      measured_at: measuredAtMs === null ? null : new Date(measuredAtMs).toISOString(),
      age_seconds: measuredAtMs === null ? null : Math.max(0, Math.round((Date.now() - measuredAtMs) / 1000)),
      duration_ms: measured?.durationMs ?? null,
      measuring: this.usage.isMeasuring,
      total_bytes: measured?.totalBytes ?? null,
      total_files: measured?.totalFiles ?? null,
      areas: measured ? areasOf(measured.areas) : [],
      sessions: measured?.sessionCount ?? null,
      unreadable: measured?.unreadable ?? null,
      space,
      growth: growth && {
        since: growth.since,
        bytes_per_day: growth.bytesPerDay,
        full_in_days:
          growth.bytesPerDay > 0
            ? Math.floor(leftOf(space, measured?.totalBytes ?? 0) / growth.bytesPerDay)
            : null,
      },
    };
  }

  /** Largest first. A cursor names size and id, so that a new measure in between shifts little. */
  async ofSessions(
    limit: number,
    cursor?: string,
  ): Promise<{ measured_at: string | null; items: SessionUsageShape[]; next_cursor: string | null }> {
    const measured = await this.usage.ask();
    if (!measured) return { measured_at: null, items: [], next_cursor: null };
    const behind = measured.sessions.filter((session) => cursor === undefined || isBehind(session, cursor));
    const page = behind.slice(0, limit);
    const last = page.at(-1);
    return {
      measured_at: new Date(measured.measuredAtMs).toISOString(),
      items: await this.named(page),
      next_cursor: last && behind.length > limit ? `${sizeOf(last)}.${last.session_id}` : null,
    };
  }

  private async named(amounts: readonly SessionAmount[]): Promise<SessionUsageShape[]> {
    const ids = amounts.map(({ session_id: id }) => id);
    const [sessions, rows] = await Promise.all([this.sessions.findAll(ids), this.rows.of(ids)]);
    const known = new Map(sessions.map((row) => [row.session_id, row]));
    return amounts.map((amount) => {
      const session = known.get(amount.session_id);
      return {
        ...amount,
        total_bytes: sizeOf(amount),
        ...(rows.get(amount.session_id) ?? { tasks: 0, events: 0 }),
        title: session?.title ?? null,
        known: session !== undefined,
        last_activity_at: session?.last_activity_at ?? null,
      };
    });
  }
}

function areasOf(areas: NonNullable<StorageUsage['latest']>['areas']): StorageUsageShape['areas'] {
  return Object.entries(areas)
    .map(([area, amount]) => ({ area: area as keyof typeof areas, ...amount }))
    .sort((one, other) => other.bytes - one.bytes);
}

/** Until the disk is full, or what the folder may take. */
function leftOf(space: StorageUsageShape['space'], used: number): number {
  const onDisk = space.free_bytes - space.min_free_bytes;
  return Math.max(0, space.max_bytes === null ? onDisk : Math.min(onDisk, space.max_bytes - used));
}

function isBehind(session: SessionAmount, cursor: string): boolean {
  const [size = '', id = ''] = cursor.split('.');
  const difference = sizeOf(session) - Number(size);
  return difference < 0 || (difference === 0 && session.session_id > id);
}
