import { realpath } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { AppError } from '@app/contracts';
import { errorCodeOf } from './storage-error.js';

/**
 * Refuses a path whose folder, with all symbolic links followed, lies outside of `root`. The last part may be
 * missing, and so may its parents: what will be made is made below the nearest folder that exists.
 * Throws `UNSAFE_PATH`.
 */
export async function assertInside(root: string, path: string): Promise<void> {
  const realRoot = await realpath(root);
  const real = await nearestRealPath(path);
  if (real === realRoot || real.startsWith(realRoot === sep ? sep : realRoot + sep)) return;
  throw new AppError(
    'UNSAFE_PATH',
    'A symbolic link in the data folder leads out of it. Replace the link by a real folder, then try again.',
  );
}

async function nearestRealPath(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      return await realpath(folder);
    } catch (error) {
      // A link to nowhere also answers ENOENT; making a folder there would go through it, so lstat is not needed:
      // mkdir refuses the name with EEXIST.
      if (errorCodeOf(error) !== 'ENOENT' || folder === dirname(folder)) throw error;
    }
  }
}
