import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultWindow } from '../checker/history.js';
import { waitFor } from '../../support/wait-for.js';
import { now } from './clock.js';
import { killerIn, nameFailPoint, type FailPoint } from './fail-point-name.js';
import { NodeProcess } from './node-process.js';

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

/** One node of the service, which the harness starts, halts, wakes and ends: many processes, one after the other. */
export class FaultNode {
  private readonly processes: NodeProcess[] = [];
  private window: FaultWindow | null = null;

  constructor(private readonly options: NodeOptions) {}

  get name(): string {
    return this.options.name;
  }

  get url(): string {
    return `http://127.0.0.1:${this.options.port}`;
  }

  get pid(): number {
    return this.current.pid;
  }

  get runs(): boolean {
    return this.processes.at(-1)?.runs === true;
  }

  /** All that it ever wrote: for the message of a failure. */
  get log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
  }

  /** What is to be said of each process that ended though nobody asked it to and nobody killed it. */
  get crashes(): string[] {
    return this.processes.filter(({ crashed }) => crashed).map((one) => one.describe('was to run'));
  }

  /** Resolves when it says that it is ready. Throws when it ends instead. */
  async start(changes: Record<string, string> = {}): Promise<void> {
    const started = await this.launch(changes);
    // One that was killed later, by a run that is poison, has been ready all the same.
    if (started.crashed || !started.saidReady) throw new Error(started.describe('was to be ready'));
    if (started.runs) this.close();
  }

  /** Resolves when it is ready, or has been killed at the fail point already. Throws when it ends in any other way. */
  async startWithFailPoint(point: FailPoint): Promise<void> {
    const started = await this.launch({ FAIL_POINT: nameFailPoint(point) });
    if (started.runs) this.close();
    else this.killedAt(point);
  }

  /** Its fail point counts from now on. */
  async arm(): Promise<void> {
    const { current } = this;
    process.kill(current.pid, 'SIGUSR2');
    await waitFor(() => current.log.includes('ARMED\n'), { what: `${this.name} to be armed` });
  }

  /** Who was writing when it was killed at this fail point. Throws when it lives, or ended in any other way. */
  killedAt(point: FailPoint): string {
    this.open('down');
    const writer = this.current.wasKilled ? killerIn(this.current.log, nameFailPoint(point)) : null;
    if (writer === null)
      throw new Error(this.current.describe(`was to be killed at ${nameFailPoint(point)}`));
    return writer;
  }

  /** It should end by itself instead of getting ready. Returns its exit code; throws when it runs, or was killed. */
  async refuseToStart(): Promise<number> {
    const started = await this.launch({});
    return started.refusal();
  }

  /** SIGKILL: it ends at once, and no handler of it runs. */
  async kill(): Promise<void> {
    this.open('down');
    await this.processes.at(-1)?.end('SIGKILL');
  }

  /** SIGTERM: it should end in order. Returns its exit code. */
  async end(): Promise<number | null> {
    this.open('down');
    return this.current.end('SIGTERM');
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

  private async launch(changes: Record<string, string>): Promise<NodeProcess> {
    if (this.runs) throw new Error(`${this.name} runs already`);
    // Until it is ready again nobody may rely on it, whatever ended it.
    this.open('down');
    const environment = {
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
      HOST: '127.0.0.1',
      PORT: String(this.options.port),
      LOG_LEVEL: 'warn',
      LOG_JSON: 'true',
      FAULT_NODE: this.name,
      MACHINE_ID: this.name,
      ...this.options.environment,
      ...changes,
    };
    const started = NodeProcess.launch(this.name, environment, this.logFile);
    this.processes.push(started);
    await started.settled();
    return started;
  }

  private get current(): NodeProcess {
    const last = this.processes.at(-1);
    if (!last) throw new Error(`${this.name} was never started`);
    return last;
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
