import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hasLayer, parseMounts, type Mounts } from './mounts.js';

/** Files that Docker and Podman put into their containers. */
const SIGNS = ['/.dockerenv', '/run/.containerenv'];

/** Asks the system; systems other than Linux do not tell. */
export async function readMounts(): Promise<Mounts> {
  let all: Mounts['all'] = null;
  try {
    all = parseMounts(await readFile('/proc/self/mountinfo', 'utf8'));
  } catch {
    // Said by `null`.
  }
  const hasSigns = SIGNS.some((path) => existsSync(path));
  return { all, isContainer: hasLayer(all, hasSigns) };
}
