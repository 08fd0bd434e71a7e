import { createReadStream } from 'node:fs';
import { realpath, symlink } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { createInterface } from 'node:readline';
import { IsString, MaxLength } from 'class-validator';
import { errorCodeOf } from '../../storage-error.js';
import { parseStored } from '../../parse-stored.js';
import { assertPlainPath } from '../entry-rules.js';
import { invalid } from '../archive-reader.js';

class StoredLink {
  @IsString()
  @MaxLength(4096)
  path: string;

  @IsString()
  @MaxLength(4096)
  target: string;
}

/** Only runs make links, and only in these. */
const HAS_LINKS = /^(workspaces\/[^/]+|repositories\/[^/]+|claude)\//;

/**
 * Makes the links of a backup after all its files, so that no file can be written through one. A link that leaves
 * its workspace is left out. Returns how many were.
 */
export async function restoreLinks(list: string, tree: string): Promise<number> {
  let leftOut = 0;
  const root = await realpath(tree);
  for await (const line of createInterface({ input: createReadStream(list), crlfDelay: Infinity })) {
    const link = parseStored(StoredLink, line);
    if (!link) throw invalid('Its list of links is damaged.');
    assertPlainPath(link.path);
    if (!staysInside(link) || !(await makeLink(root, link))) leftOut += 1;
  }
  return leftOut;
}

function staysInside({ path, target }: StoredLink): boolean {
  const home = HAS_LINKS.exec(path)?.[0];
  if (!home || target === '' || target.includes('\0') || posix.isAbsolute(target)) return false;
  return `${posix.join(posix.dirname(path), target)}/`.startsWith(home);
}

/** Through a link made before, `..` would lead elsewhere than it reads. */
async function makeLink(root: string, { path, target }: StoredLink): Promise<boolean> {
  const folder = dirname(join(root, path));
  try {
    if ((await realpath(folder)) !== folder) return false;
    await symlink(target, join(root, path));
    return true;
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' || code === 'EEXIST' || code === 'ENOTDIR' || code === 'ELOOP') return false;
    throw error;
  }
}
