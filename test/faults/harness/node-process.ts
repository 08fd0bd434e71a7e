import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../../support/wait-for.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const PROGRAM = ['--import', './scripts/typescript.mjs', 'test/faults/harness/node-main.ts'];
const START_LIMIT_MS = 60_000;
const END_LIMIT_MS = 60_000;
/** Of its log, in the message of a failure. */
const TAIL_CHARACTERS = 2000;

/** A node from one start to its end, and how that end came. */
export class NodeProcess {
  private isAskedToEnd = false;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
    private readonly logFile: string,
    /** What stands before it in the file is of earlier processes. */
    private readonly logFrom: number,
  ) {}

  /** It ends with the harness, however that ends. */
  static launch(name: string, environment: Record<string, string>, logFile: string): NodeProcess {
    const output = openSync(logFile, 'a');
    const { size } = statSync(logFile);
    const { PATH, HOME } = process.env;
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', process.execPath, ...PROGRAM], {
      cwd: ROOT,
      env: { ...(PATH ? { PATH } : {}), ...(HOME ? { HOME } : {}), ...environment },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    return new NodeProcess(name, child, logFile, size);
  }

  get pid(): number {
    if (!this.child.pid) throw new Error(`${this.name} was not started`);
    return this.child.pid;
  }

  get runs(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** As a fail point, a poisonous run or the harness ends it: no handler of it has run. */
  get wasKilled(): boolean {
    return this.child.signalCode === 'SIGKILL';
  }

  /** It ended though nobody asked it to and nobody killed it. */
  get crashed(): boolean {
    return !this.runs && !this.wasKilled && !this.isAskedToEnd;
  }

  get saidReady(): boolean {
    return this.log.includes(' is ready');
  }

  /** Resolves when it has said that it is ready, or has ended. */
  async settled(): Promise<void> {
    await waitFor(() => !this.runs || this.saidReady, {
      timeoutMs: START_LIMIT_MS,
      what: `${this.name} to start`,
    });
  }

  /** Throws when it did anything else than to end by itself before it was ready. Returns its exit code. */
  refusal(): number {
    const { exitCode } = this.child;
    if (exitCode === null || this.saidReady) throw new Error(this.describe('was to refuse to start'));
    this.isAskedToEnd = true;
    return exitCode;
  }

  /** Sends the signal and waits for the end, by force after a minute. Returns the exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (!this.runs) return child.exitCode;
    this.isAskedToEnd = true;
    const ended = once(child, 'exit');
    child.kill(signal);
    // A halted process does not hear a polite signal.
    if (signal !== 'SIGKILL') child.kill('SIGCONT');
    const limit = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
    await ended;
    clearTimeout(limit);
    return child.exitCode;
  }

  /** For the message of a failure: what was expected, what came, and the end of its log. */
  describe(expected: string): string {
    const { exitCode, signalCode } = this.child;
    const end = signalCode === null ? `ended with code ${exitCode}` : `ended by ${signalCode}`;
    const log = this.log.slice(-TAIL_CHARACTERS);
    return `${this.name} ${expected}, but it ${this.runs ? 'runs' : end}. The end of its log:\n${log}`;
  }

  get log(): string {
    return readFileSync(this.logFile).subarray(this.logFrom).toString();
  }
}
