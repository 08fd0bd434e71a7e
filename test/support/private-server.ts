import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { watchOver } from './watchdog.js';

/** A server of the tests' own, on a free loopback port, with its data in a folder of its own. */
export interface PrivateServer {
  readonly url: string;
  readonly port: number;
  /** Another one after `restart`. */
  readonly pid: number;
  /** For fault tests: SIGKILL, SIGSTOP, SIGCONT. */
  signal(name: NodeJS.Signals): void;
  /** Kills it if it still runs, and starts it again on the same port and data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. Happens by itself when this process dies. */
  stop(): Promise<void>;
}

export interface ServerProgram {
  name: string;
  url: string;
  port: number;
  /** Everything it writes; removed at the end. */
  folder: string;
  command: string;
  args: string[];
  user?: { uid: number; gid: number };
  /** The signal on which it ends soon and in order. */
  endsOn: 'INT' | 'TERM';
  /** Rejects as long as the server does not answer. */
  ping(): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;

export async function startServer(program: ServerProgram): Promise<PrivateServer> {
  const watchdog = watchOver(program.folder, program.endsOn);
  const launch = async (): Promise<ChildProcess & { pid: number }> => {
    const child = await spawnServer(program);
    watchdog.guard(child.pid);
    await untilItAnswers(child, program);
    child.unref();
    return child;
  };
  let running = await launch().catch(async (error: unknown) => {
    await watchdog.finish();
    throw error;
  });
  return {
    url: program.url,
    port: program.port,
    get pid() {
      return running.pid;
    },
    signal: (name) => void process.kill(running.pid, name),
    restart: async () => {
      await kill(running);
      running = await launch();
    },
    stop: () => watchdog.finish(),
  };
}

async function spawnServer({ command, args, user }: ServerProgram): Promise<ChildProcess & { pid: number }> {
  // Detached: Ctrl+C is for us, and we (or the watchdog) end the server in order.
  const child = spawn(command, args, { ...user, detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  return child as ChildProcess & { pid: number };
}

async function untilItAnswers(child: ChildProcess, { name, ping }: ServerProgram): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const failure = await ping().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) return;
    if (hasEnded(child)) throw new Error(`${name} ended while it started (code ${child.exitCode}).`);
    if (performance.now() > deadline) throw new Error(`${name} did not answer in time.`, { cause: failure });
    await delay(20);
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  child.ref();
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** A free port may be taken in the moment before the server binds it: a failed start is tried again on another. */
export async function startWithAnotherTry<T>(start: () => Promise<T>): Promise<T> {
  return start().catch(() => start());
}
