import { mkdirSync, mkdtempSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchOver } from './watchdog.js';

/** The folder that holds all folders of one `jest` run. */
const RUN_FOLDER = 'TEST_TEMP_DIR';

/** Called once per run, before the test processes are made. Returns what removes the folder and all in it. */
export function openRunFolder(): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'claude-agent-test-'));
  process.env[RUN_FOLDER] = folder;
  // Claude Code begins with a login shell. What the profile of this machine's user does there (pyenv waits a minute for
  // a lock that a killed shell left behind) is no part of a test.
  process.env.HOME = join(folder, 'home');
  mkdirSync(process.env.HOME);
  return watchOver(folder).finish;
}

/** A fresh folder to use as DATA_DIR, or for anything else; it goes with all the others when the run is over. */
export async function tempDataDir(name = 'data'): Promise<string> {
  const parent = process.env[RUN_FOLDER];
  if (!parent) throw new Error('There is no folder for this run: start the tests with `npm test`.');
  return openFolder(join(parent, `${name}-`));
}

/** mkdtemp makes it 0700; servers and runs that give up root must be able to pass through. */
export async function openFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(prefix);
  await chmod(folder, 0o755);
  return folder;
}
