import { readFile } from 'node:fs/promises';
import { joinPath, type Paths } from '@app/paths';
import { DataFiles } from '@app/storage';
import type { ImportReport } from '../import-report.js';
import type { OldFolder } from './old-folder.js';

/** Kept as they are: they may hold secrets, so for the owner alone. */
export async function importWebhooks(old: OldFolder, paths: Paths, report: ImportReport): Promise<void> {
  const files = new DataFiles(paths);
  for (const { provider, path } of old.webhooks) {
    const text = await readFile(path, 'utf8');
    if (!isJson(text)) {
      report.webhooks.skipped.push({ name: `${provider}.json`, why: 'it is not JSON' });
      continue;
    }
    const target = joinPath(paths.webhooks, `${provider}.json`);
    const written = await files.writeFileAtomic(target, text, { mode: 0o600, onlyIfAbsent: true });
    if (written) report.webhooks.imported += 1;
    else report.webhooks.present += 1;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
