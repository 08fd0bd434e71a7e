import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const STOP_LIMIT_MS = 30_000;
const FINISH_LIMIT_MS = 60_000;

/** One of the compiled programs as a process, with a clean environment and its output kept. */
export class Program {
  private output = '';

  private constructor(
    readonly child: ChildProcess,
    private readonly command: string,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (data: Buffer) => (this.output += String(data)));
  }

  /** Starts node with these arguments. Brings the build up to date first. */
  static spawn(args: readonly string[], environment: Record<string, string>): Program {
    ensureBuilt();
    const { PATH, HOME } = process.env;
    const child = spawn(process.execPath, args, {
      env: { ...(PATH ? { PATH } : {}), ...(HOME ? { HOME } : {}), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Program(child, args.join(' '));
  }

  get pid(): number {
    if (!this.child.pid || this.ended) throw new Error(`${this.command} does not run`);
    return this.child.pid;
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Standard output and error. */
  get log(): string {
    return this.output;
  }

  /** Waits for an end that comes by itself; by force after 60 s. Returns the exit code. */
  async finished(): Promise<number | null> {
    if (this.ended) return this.child.exitCode;
    const closed = once(this.child, 'close');
    const limit = setTimeout(() => this.child.kill('SIGKILL'), FINISH_LIMIT_MS);
    await closed;
    clearTimeout(limit);
    return this.child.exitCode;
  }

  /** Sends the signal and waits for the end, by force after 30 s. Returns the exit code. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const { child } = this;
    if (this.ended) return child.exitCode;
    const ended = once(child, 'exit');
    child.kill(signal);
    const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(limit);
    return child.exitCode;
  }
}

let isBuilt = false;

/** Once for each suite: the sources do not change while it runs. */
export function ensureBuilt(): void {
  if (isBuilt) return;
  const { status, stderr } = spawnSync(process.execPath, ['scripts/ensure-test-build.mjs'], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  if (status !== 0) throw new Error(`the service could not be built:\n${String(stderr)}`);
  isBuilt = true;
}
