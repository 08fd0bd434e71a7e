import { readArchive, type ArchiveSink } from './archive-reader.js';
import type { AboutBackup, BackupTotals } from './layout.js';

/** Reads a backup to its end without keeping anything. Throws what is wrong with it. */
export function verifyArchive(
  archive: string,
  draft: string,
  signal?: AbortSignal,
): Promise<{ about: AboutBackup; totals: BackupTotals }> {
  return readArchive(archive, NOWHERE, {
    draft,
    room: { bytes: Number.MAX_SAFE_INTEGER, entries: Number.MAX_SAFE_INTEGER },
    ...(signal ? { signal } : {}),
  });
}

const NOWHERE: ArchiveSink = {
  about: async () => undefined,
  folder: async () => undefined,
  file: async (_path, _entry, content) => {
    for await (const chunk of content) void chunk;
  },
};
