import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONFIG_DIR, HOST_MARKER, RUN_MARKER } from './environment.js';
import { mayHostLive } from './host-mark.js';

const TERM_GRACE_MS = 1000;
const KILL_GRACE_MS = 4000;
const LOOK_EVERY_MS = 25;

interface Marked {
  pid: number;
  runId: string;
  configDir: string | undefined;
  /** The service process that started the run. */
  host: string | undefined;
}

/** Ends every process of one run, daemons included; resolves when none is left, or after about five seconds. */
export async function reapRun(runId: string): Promise<number> {
  return reap((marked) => marked.runId === runId);
}

/**
 * Ends what service processes that are gone left behind. Another service on this machine has another config dir, or
 * shares ours and is alive: its runs are none of our business. Nor are our own: each ends with `reapRun`.
 */
export async function reapOrphans(configDir: string): Promise<number> {
  return reap(async ({ host, ...marked }) => {
    if (marked.configDir !== configDir) return false;
    return host === undefined || !(await mayHostLive(host));
  });
}

async function reap(isMeant: (marked: Marked) => boolean | Promise<boolean>): Promise<number> {
  const reaped = new Set<number>();
  const startedAt = performance.now();
  for (;;) {
    const marked = await findMarked();
    const meant = await Promise.all(marked.map(async (one) => isMeant(one)));
    const found = marked.filter((_one, index) => meant[index]);
    const elapsedMs = performance.now() - startedAt;
    if (found.length === 0 || elapsedMs > TERM_GRACE_MS + KILL_GRACE_MS) return reaped.size;
    for (const { pid } of found) {
      // Once politely, and after the grace by force; a process that forks meanwhile is found by the next look.
      if (elapsedMs > TERM_GRACE_MS) kill(pid, 'SIGKILL');
      else if (!reaped.has(pid)) kill(pid, 'SIGTERM');
      reaped.add(pid);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already, or not ours.
  }
}

/** Where there is no /proc (macOS), nothing is found: there the process group is all that can be ended. */
async function findMarked(): Promise<Marked[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.map(Number).filter((pid) => Number.isInteger(pid) && pid !== process.pid);
  const all = await Promise.all(pids.map(readMarker));
  return all.filter((marked) => marked !== null);
}

async function readMarker(pid: number): Promise<Marked | null> {
  // Unreadable: it ended meanwhile, is a zombie, or belongs to another user.
  const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return parseMarker(pid, environ);
}

/** Exported for its test. `environ` is a list of NAME=value, each ended by NUL. */
export function parseMarker(pid: number, environ: string): Marked | null {
  const valueOf = (name: string): string | undefined => {
    const entry = environ.split('\0').find((line) => line.startsWith(`${name}=`));
    return entry?.slice(name.length + 1);
  };
  const runId = environ.includes(`${RUN_MARKER}=`) ? valueOf(RUN_MARKER) : undefined;
  return runId === undefined
    ? null
    : { pid, runId, configDir: valueOf(CONFIG_DIR), host: valueOf(HOST_MARKER) };
}
