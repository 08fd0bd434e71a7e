import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from './paths.js';

/** The version of this program; `unknown` where APP_DIR names a folder without our package.json. */
export function serviceVersion({ app }: Pick<Paths, 'app'>): string {
  try {
    const about: unknown = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'));
    if (typeof about === 'object' && about && 'version' in about) return String(about.version);
  } catch {
    // Told by its absence.
  }
  return 'unknown';
}
