import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultWindow } from '../checker/history.js';
import { waitFor } from '../../support/wait-for.js';
import { now } from './clock.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const START_LIMIT_MS = 60_000;
const END_LIMIT_MS = 60_000;

export interface NodeOptions {
  name: string;
  /** 0 for a worker, which listens on nothing. */
  port: number;
  environment: Record<string, string>;
  /** Where its output goes. */
  folder: string;
  /** Where it is noted when it could not work. */
  faults: FaultWindow[];
}

/** One process of the service, which the harness starts, halts, wakes and ends. */
export class FaultNode {
  private child: ChildProcess | null = null;
  private window: FaultWindow | null = null;

  constructor(private readonly options: NodeOptions) {}

  get name(): string {
    return this.options.name;
  }

  get url(): string {
    return `http://127.0.0.1:${this.options.port}`;
  }

  get pid(): number {
    if (!this.child?.pid) throw new Error(`${this.name} does not run`);
    return this.child.pid;
  }

  get runs(): boolean {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** All that it ever wrote: for the message of a failure. */
  get log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
  }

  /** Resolves when it says that it is ready, or when it has ended already. */
  async start(changes: Record<string, string> = {}): Promise<void> {
    const child = this.launch(changes);
    const from = existsSync(this.logFile) ? statSync(this.logFile).size : 0;
    await waitFor(() => !this.runs || readFileSync(this.logFile, 'utf8').slice(from).includes(' is ready'), {
      timeoutMs: START_LIMIT_MS,
      what: `${this.name} to start`,
    });
    if (child === this.child && this.runs) this.close();
  }

  /** SIGKILL: it ends at once, and no handler of it runs. */
  async kill(): Promise<void> {
    this.open('down');
    await this.finish('SIGKILL');
  }

  /** SIGTERM: it should end in order. Returns its exit code. */
  async end(): Promise<number | null> {
    this.open('down');
    return this.finish('SIGTERM');
  }

  /** SIGSTOP: it does nothing and does not know it. */
  pause(): void {
    this.open('paused');
    process.kill(this.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
    this.close();
  }

  /** It ended by itself, as a fail point or a crash makes it. */
  async ended(limitMs = 30_000): Promise<void> {
    await waitFor(() => !this.runs, { timeoutMs: limitMs, what: `${this.name} to end` });
    this.open('down');
  }

  private launch(changes: Record<string, string>): ChildProcess {
    if (this.runs) throw new Error(`${this.name} runs already`);
    // Until it is ready again nobody may rely on it, whatever ended it.
    this.open('down');
    const output = openSync(this.logFile, 'a');
    const { PATH, HOME } = process.env;
    const program = ['--import', './scripts/typescript.mjs', 'test/faults/harness/node-main.ts'];
    // It ends with the harness, however that ends.
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', process.execPath, ...program], {
      cwd: ROOT,
      env: {
        ...(PATH ? { PATH } : {}),
        ...(HOME ? { HOME } : {}),
        NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
        HOST: '127.0.0.1',
        PORT: String(this.options.port),
        LOG_LEVEL: 'warn',
        LOG_JSON: 'true',
        FAULT_NODE: this.name,
        MACHINE_ID: this.name,
        ...this.options.environment,
        ...changes,
      },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    return this.child;
  }

  private async finish(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (!child || !this.runs) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill(signal);
    // A halted process does not hear a polite signal.
    if (signal !== 'SIGKILL') child.kill('SIGCONT');
    const limit = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
    await ended;
    clearTimeout(limit);
    return child.exitCode;
  }

  private get logFile(): string {
    return join(this.options.folder, `${this.name}.log`);
  }

  private open(what: 'down' | 'paused'): void {
    if (this.window?.what === what) return;
    this.close();
    this.window = { what, node: this.name, from: now(), until: Infinity };
    this.options.faults.push(this.window);
  }

  private close(): void {
    if (this.window) this.window.until = now();
    this.window = null;
  }
}
