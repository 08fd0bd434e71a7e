import type { PageShape, SessionUsageShape, StorageUsageShape } from '@app/contracts';
import type { ApiClient } from '../client/api-client.js';
import { showSize } from '../render/show-size.js';
import { stripControls, toJsonLine } from '../render/strip-controls.js';
import { table } from '../render/table.js';

export async function showUsage(
  client: ApiClient,
  { json, refresh }: { json?: boolean; refresh?: boolean },
): Promise<void> {
  const usage = await client.get<StorageUsageShape>(`/api/storage/usage${refresh ? '?refresh=true' : ''}`);
  process.stdout.write(json ? toJsonLine(usage) : render(usage));
}

export async function showSessionUsage(
  client: ApiClient,
  { json, limit }: { json?: boolean; limit: number },
): Promise<void> {
  const { items } = await client.get<PageShape<SessionUsageShape>>(
    `/api/storage/usage/sessions?limit=${limit}`,
  );
  process.stdout.write(
    json
      ? toJsonLine(items)
      : table(
          [
            'SESSION',
            'TITLE',
            'TOTAL',
            'WORKSPACE',
            'TRANSCRIPTS',
            'FILES',
            'TASKS',
            'EVENTS',
            'LAST ACTIVITY',
          ],
          items.map((session) => [
            session.session_id,
            session.known ? session.title : '(gone)',
            showSize(session.total_bytes),
            showSize(session.workspace_bytes),
            showSize(session.transcript_bytes),
            String(session.files),
            String(session.tasks),
            String(session.events),
            session.last_activity_at?.slice(0, 19) ?? null,
          ]),
        ),
  );
}

function render({ areas, space, growth, ...usage }: StorageUsageShape): string {
  const left = `${showSize(space.free_bytes)} of ${showSize(space.disk_bytes)} are free on the disk`;
  const lines = [
    `${left}${space.message === null ? '' : `. ${space.level.toUpperCase()}: ${space.message}`}`,
  ];
  if (usage.total_bytes === null)
    return `${lines.join('\n')}\nThe data folder is being measured; ask again in a moment.\n`;
  const about = `measured ${usage.age_seconds} s ago in ${usage.duration_ms} ms${usage.measuring ? ', and being measured again' : ''}`;
  lines.push(
    `${showSize(usage.total_bytes)} in ${usage.total_files} files, ${usage.sessions} sessions (${about})`,
  );
  if (growth) {
    const full = growth.full_in_days === null ? '' : `; full in ${growth.full_in_days} days`;
    lines.push(
      `${showSize(Math.abs(growth.bytes_per_day))} ${growth.bytes_per_day < 0 ? 'less' : 'more'} a day since ${growth.since.slice(0, 19)}${full}`,
    );
  }
  const rows = areas
    .filter(({ bytes }) => bytes > 0)
    .map(({ area, bytes, files }) => [area, showSize(bytes), String(files)]);
  return `${lines.map(stripControls).join('\n')}\n\n${table(['AREA', 'SIZE', 'FILES'], rows)}`;
}
