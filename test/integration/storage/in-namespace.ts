import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { PersistenceShape } from '@app/contracts';
import { ensureBuilt } from '../../support/program.js';

/** The folder of the program, which must be reachable under its path inside of the namespaces too. */
export const PROGRAM = process.cwd();
const LOOK = `${process.execPath} ${join(PROGRAM, 'dist/test/integration/storage/look-at-persistence.js')}`;

/** Mount namespaces are for root, and on some machines not even for it. */
export const hasNamespaces = spawnSync('unshare', ['-m', 'true']).status === 0;
export const nobodyHasNode =
  spawnSync('setpriv', ['--reuid=65534', '--clear-groups', process.execPath, '-v']).status === 0;
export const hasStrace = spawnSync('strace', ['-V']).status === 0;

/**
 * What the persistence doctor finds behind mounts that only it sees, as it would see them in a container. `mounts`:
 * commands of a shell; the doctor is `$DOCTOR`. Returns `ok`, or level and code, by the name of the check.
 */
export function doctorBehind(mounts: string, env: Record<string, string>): Record<string, string> {
  ensureBuilt();
  const { stdout, stderr, status } = spawnSync('unshare', ['-m', 'sh', '-euc', mounts], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, DOCTOR: LOOK, ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`the doctor could not look (${status}): ${stdout}${stderr}`);
  const { items } = JSON.parse(stdout) as PersistenceShape;
  return Object.fromEntries(
    items.map(({ level, check, code }) => [check, level === 'ok' ? 'ok' : `${level} ${code}`]),
  );
}

/** A root file system as Docker makes it: a layer above an image. Takes commands that are run before the doctor. */
export function inContainer(...commands: string[]): string {
  return [
    'L=$(mktemp -d) && mount -t tmpfs none $L && mkdir $L/up $L/work $L/root',
    'mount -t overlay overlay -o lowerdir=/,upperdir=$L/up,workdir=$L/work $L/root',
    'mount --rbind /proc $L/root/proc && mount --rbind /dev $L/root/dev',
    ...commands,
    'chroot $L/root sh -c "cd / && $DOCTOR"',
  ].join('\n');
}
