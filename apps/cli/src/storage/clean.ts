import { setTimeout as wait } from 'node:timers/promises';
import type { CleanupShape } from '@app/contracts';
import { CliError } from '../cli-error.js';
import type { ApiClient } from '../client/api-client.js';
import { showSize } from '../render/show-size.js';
import { toJsonLine } from '../render/strip-controls.js';
import { table } from '../render/table.js';

const POLL_MS = 1000;
const SHOWN = 20;

export interface CleanWish {
  dryRun?: boolean;
  workspaceDays?: number;
  logDays?: number;
  cacheDays?: number;
  json?: boolean;
}

/** Begins a clean-up at the server and waits for its end, however long that takes. */
export async function clean(client: ApiClient, { json, ...wish }: CleanWish): Promise<void> {
  let cleaned = await client.post<CleanupShape>('/api/storage/cleanup', {
    dry_run: wish.dryRun ?? false,
    ...(wish.workspaceDays === undefined ? {} : { workspace_days: wish.workspaceDays }),
    ...(wish.logDays === undefined ? {} : { log_days: wish.logDays }),
    ...(wish.cacheDays === undefined ? {} : { cache_days: wish.cacheDays }),
  });
  while (cleaned.status === 'running') {
    await wait(POLL_MS);
    cleaned = await client.get<CleanupShape>('/api/storage/cleanup');
  }
  process.stdout.write(json ? toJsonLine(cleaned) : render(cleaned));
  if (cleaned.problem !== null) throw new CliError(cleaned.problem);
}

function render({ dry_run: dryRun, totals, items, skipped }: CleanupShape): string {
  const rows = totals.map(({ kind, older_than: before, count, bytes }) => [
    kind,
    before === null ? '-' : String(count),
    before === null ? '-' : showSize(bytes),
    before === null ? 'left alone: no setting and no option says after how long' : before.slice(0, 19),
  ]);
  const count = totals.reduce((sum, total) => sum + total.count, 0);
  const shown = items.slice(0, SHOWN);
  const more = count > shown.length ? `and ${count - shown.length} more\n` : '';
  const list =
    shown.length === 0
      ? ''
      : `\n${table(
          ['WHAT', 'NAME', 'SIZE', 'LAST USED'],
          shown.map(({ kind, name, bytes, last_used_at: at }) => [
            kind,
            name,
            showSize(bytes),
            at?.slice(0, 19) ?? null,
          ]),
        )}${more}`;
  const alone = skipped === 0 ? '' : `${skipped} were left alone: in use at that moment, or links.\n`;
  const last = dryRun ? 'Nothing was removed: run it again without --dry-run.\n' : '';
  return `${table(['WHAT', 'COUNT', 'SIZE', 'NOT USED SINCE'], rows)}${list}${alone}${last}`;
}
