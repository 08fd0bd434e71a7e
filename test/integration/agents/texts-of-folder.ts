import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files by their paths in the folder; null: there is no such folder. What is being written is invisible. */
export async function textsOfFolder(folder: string): Promise<Record<string, string> | null> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => null);
  if (!entries) return null;
  const paths = entries
    // It goes at a later start.
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const),
  );
  return Object.fromEntries(texts);
}
