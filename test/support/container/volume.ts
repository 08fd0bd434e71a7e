import { chown, chmod } from 'node:fs/promises';
import { tempDataDir } from '../temp-folder.js';

/** The user `node` of the image. */
export const CONTAINER_USER = 1000;

/** An empty named volume, which takes over owner and mode of the image's /data when it is first mounted. */
export async function createVolume(): Promise<string> {
  const folder = await tempDataDir('volume');
  await chown(folder, CONTAINER_USER, CONTAINER_USER);
  await chmod(folder, 0o700);
  return folder;
}
