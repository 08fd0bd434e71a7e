import { loadSettings } from '@app/config';
import { Paths } from '@app/paths';
import { BackupFiles } from '@app/storage';
import { showSize } from '../render/show-size.js';
import { toJsonLine } from '../render/strip-controls.js';
import { table } from '../render/table.js';

export async function listBackups({ json }: { json?: boolean }): Promise<void> {
  const stored = await new BackupFiles(new Paths(loadSettings())).list();
  process.stdout.write(
    json
      ? toJsonLine(stored)
      : table(
          ['BACKUP', 'MADE', 'BY', 'SIZE', 'VERSION', 'DATABASE', 'VERIFIED'],
          stored.map(({ backupId, size, about, notes }) => [
            backupId,
            about?.created_at.slice(0, 19) ?? null,
            about?.trigger ?? 'unreadable',
            showSize(size),
            about?.app_version ?? null,
            about?.database ?? null,
            notes?.verified ? (notes.verified.problem ?? notes.verified.at.slice(0, 19)) : null,
          ]),
        ),
  );
}
