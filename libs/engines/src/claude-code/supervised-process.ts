import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { PassThrough, Transform, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SpawnedProcess, SpawnOptions } from '@anthropic-ai/claude-agent-sdk';
import { CREDENTIAL_FD } from './environment.js';
import { findInheritedDescriptors } from './inherited-descriptors.js';

const STDERR_TAIL_CHARS = 16 * 1024;
/** A tool's process can hold the output pipe open after the engine process has gone. */
const OUTPUT_AFTER_EXIT_MS = 1000;

export interface SupervisedSpawn {
  guard: readonly string[];
  secret: string;
  /** Asked before each piece of output is passed on: the brake that a slow reader pulls. */
  room: () => Promise<void>;
}

export interface ProcessExit {
  code: number | null;
  signal: string | null;
}

/**
 * The engine process: it ends with its host where the system can do that, inherits nothing but its own pipes, finds
 * the credential on a pipe, and leads a process group so that a terminal's Ctrl-C reaches the service alone.
 */
export class SupervisedProcess {
  readonly exited: Promise<ProcessExit>;
  readonly forSdk: SpawnedProcess;
  readonly #child: ChildProcess;
  #stderrTail = '';
  #hasExited = false;

  constructor(command: SpawnOptions, { guard, secret, room }: SupervisedSpawn) {
    const [program = command.command, ...args] = [...guard, command.command, ...command.args];
    const child = spawnWithCleanDescriptors(program, args, command);
    this.#child = child;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => this.#noteExit({ code, signal }, resolve));
      // Never started: there will be no exit.
      child.once('error', () => this.#noteExit({ code: null, signal: null }, resolve));
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderrTail = (this.#stderrTail + text).slice(-STDERR_TAIL_CHARS);
    });
    handOver(child, secret);
    const output = child.stdout?.pipe(brakedBy(room)) ?? new PassThrough().end();
    void this.exited.then(() => endOutput(child, output));
    command.signal.addEventListener('abort', () => this.signal('SIGTERM'), { once: true });
    this.forSdk = asSpawnedProcess(child, output, (signal) => this.signal(signal));
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** The last words on stderr, unmasked: it is the caller's duty to mask them. */
  get stderrTail(): string {
    return this.#stderrTail.trim();
  }

  /** To the whole process group; true when somebody was there to get it. */
  signal(signal: NodeJS.Signals): boolean {
    const { pid } = this.#child;
    if (this.#hasExited || pid === undefined) return false;
    try {
      return process.kill(-pid, signal);
    } catch {
      return this.#child.kill(signal);
    }
  }

  /** SIGTERM, and SIGKILL after `graceMs`; resolves when the process has gone. */
  async terminate(graceMs: number): Promise<void> {
    this.signal('SIGTERM');
    if (!(await this.exitsWithin(graceMs))) this.signal('SIGKILL');
    await this.exited;
  }

  /** What is left of the process group after the exit: all that can be found where there is no /proc. */
  endGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined || process.platform === 'linux') return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Nobody was left.
    }
  }

  async exitsWithin(ms: number): Promise<boolean> {
    if (this.#hasExited) return true;
    const timer = new AbortController();
    const late = sleep(ms, false, { signal: timer.signal }).catch(() => false);
    const inTime = await Promise.race([this.exited.then(() => true), late]);
    timer.abort();
    return inTime;
  }

  #noteExit(exit: ProcessExit, resolve: (exit: ProcessExit) => void): void {
    this.#hasExited = true;
    resolve(exit);
  }
}

function spawnWithCleanDescriptors(program: string, args: string[], command: SpawnOptions): ChildProcess {
  const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', 'pipe'];
  const inherited = findInheritedDescriptors().filter((fd) => fd > CREDENTIAL_FD);
  const nothing = inherited.length > 0 ? openSync('/dev/null', 'r') : null;
  try {
    // Node cannot close a descriptor in a child, but it can put another one in its place.
    for (const fd of inherited) {
      while (stdio.length <= fd) stdio.push('ignore');
      stdio[fd] = nothing;
    }
    return spawn(program, args, {
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
      env: command.env,
      stdio,
      detached: true,
    });
  } finally {
    if (nothing !== null) closeSync(nothing);
  }
}

function handOver(child: ChildProcess, secret: string): void {
  const pipe = child.stdio[CREDENTIAL_FD];
  if (!(pipe instanceof Writable)) return;
  // A process that died at once has closed its end; its exit tells the story.
  pipe.on('error', () => undefined);
  pipe.end(secret);
}

function brakedBy(room: () => Promise<void>): Transform {
  return new Transform({
    transform(chunk, _encoding, done) {
      room().then(() => done(null, chunk), done);
    },
  });
}

async function endOutput(child: ChildProcess, output: NodeJS.WritableStream): Promise<void> {
  const ended = new Promise<boolean>((resolve) => child.stdout?.once('close', () => resolve(true)));
  const timer = new AbortController();
  const late = sleep(OUTPUT_AFTER_EXIT_MS, false, { signal: timer.signal }).catch(() => false);
  const inTime = child.stdout === null || child.stdout.destroyed || (await Promise.race([ended, late]));
  timer.abort();
  if (inTime) return;
  child.stdout?.destroy();
  output.end();
}

function asSpawnedProcess(
  child: ChildProcess,
  stdout: PassThrough | Transform,
  kill: (signal: NodeJS.Signals) => boolean,
): SpawnedProcess {
  if (!child.stdin) throw new Error('The engine process has no standard input.');
  return {
    stdin: child.stdin,
    stdout,
    get killed() {
      return child.killed;
    },
    get exitCode() {
      return child.exitCode;
    },
    get signalCode() {
      return child.signalCode;
    },
    kill,
    on: child.on.bind(child),
    once: child.once.bind(child),
    off: child.off.bind(child),
  };
}
