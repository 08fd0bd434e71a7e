import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const GUARD = ['setpriv', '--pdeathsig', 'TERM', '--'] as const;

/**
 * The command to put before another one so that it gets SIGTERM when this process dies, however it dies. Without it a
 * run goes on, and goes on spending, after its host was killed. Empty where there is none: macOS, BusyBox.
 */
export async function findParentDeathGuard(path: string | undefined): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  try {
    const [command, ...args] = GUARD;
    await run(command, [...args, 'true'], { env: path === undefined ? {} : { PATH: path }, timeout: 5000 });
    return GUARD;
  } catch {
    return [];
  }
}
