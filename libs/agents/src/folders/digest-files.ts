import { createHash } from 'node:crypto';
import type { FolderFiles } from './folder-files.js';

/**
 * sha256 in hex over names and contents, in the order of the names. Lengths go in too, so that no two sets of files
 * look alike. Permissions do not: they differ between copies of the same agent.
 */
export function digestFiles(files: FolderFiles): string {
  const hash = createHash('sha256');
  for (const path of [...files.keys()].sort()) {
    const content = files.get(path)?.content ?? Buffer.alloc(0);
    hash.update(`${Buffer.byteLength(path)}:${path}:${content.length}:`).update(content);
  }
  return hash.digest('hex');
}
