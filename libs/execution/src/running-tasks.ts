import { Injectable } from '@nestjs/common';
import type { AgentRun } from '@app/engines';
import type { Claim } from '@app/tasks';
import { TaskMessages } from './task-messages.js';

/** Why a run is being ended from outside. */
export type StopCause = 'cancelled' | 'timeout' | 'idle' | 'shutdown' | 'lease_lost';

/**
 * One task that runs in this process. The first cause to stop it is the one that counts, except that a lost lease
 * overrules all: then somebody else decides.
 */
export class RunningTask {
  stopCause: StopCause | null = null;
  readonly messages = new TaskMessages();
  private run: AgentRun | null = null;
  private readonly fence = new AbortController();
  private heldUntilMs = Infinity;
  private storageIsFull = false;

  constructor(
    readonly claim: Claim,
    readonly finished: Promise<void>,
    /** Monotonic: it goes on while the process is frozen, and nobody can set it. */
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  get runId(): string | null {
    return this.run?.runId ?? null;
  }

  /** Aborts when the claim is lost, or is not certain any more. */
  get fenced(): AbortSignal {
    return this.fence.signal;
  }

  /** By the monotonic clock: until then nobody else can have the task. */
  holdUntil(ms: number): void {
    this.heldUntilMs = ms;
  }

  get heldForMs(): number {
    return this.heldUntilMs - this.nowMs();
  }

  /**
   * Whether a write of the run may begin. Asked before each of them, because a process that was frozen goes on in the
   * middle of whatever it did, before any timer can tell that its time is over.
   */
  mayWrite(): boolean {
    if (this.heldForMs <= 0) this.stop('lease_lost');
    return !this.fence.signal.aborted;
  }

  noteStorage(state: 'room' | 'full'): void {
    // What is answered behind the fence was not written.
    if (!this.fence.signal.aborted) this.storageIsFull = state === 'full';
  }

  /** The claim was lost because there was no room to renew it, or to write the end down. */
  get wasLostToFullStorage(): boolean {
    return this.storageIsFull && this.fence.signal.aborted;
  }

  /** Hands the started run over; one that was stopped meanwhile ends at once. */
  attach(run: AgentRun): void {
    this.run = run;
    if (this.stopCause) this.endRun();
    else this.passOn();
  }

  stop(cause: StopCause): void {
    if (this.fence.signal.aborted) return;
    if (cause === 'lease_lost') {
      this.stopCause = cause;
      this.fence.abort();
    } else if (this.stopCause) return;
    else this.stopCause = cause;
    this.endRun();
  }

  /** A message of a person: at once to the engine when it can take it. */
  give(messageId: string, text: string): void {
    this.messages.hear(messageId, text);
    this.passOn();
  }

  private passOn(): void {
    const { run } = this;
    if (run && !this.stopCause) this.messages.passOn((text) => run.send(text, 'asap').accepted);
  }

  /** There is no time to be polite when another worker may begin. */
  private endRun(): void {
    if (this.stopCause === 'lease_lost') void this.run?.stop(0);
    else void this.run?.stop();
  }
}

const MOST_REMEMBERED = 1000;

/** The tasks that run in this process now. */
@Injectable()
export class RunningTasks {
  private readonly byTask = new Map<string, RunningTask>();
  /** By task, the fence of a claim that a full storage took. */
  private readonly lostToFullStorage = new Map<string, number>();
  private added = 0;
  private addedAtMs = performance.now();
  private allStopped: StopCause | null = null;

  add(task: RunningTask): void {
    this.added += 1;
    this.addedAtMs = performance.now();
    this.byTask.set(task.claim.taskId, task);
    if (this.allStopped) task.stop(this.allStopped);
  }

  /** Those that run, and those that were being claimed in this moment. */
  stopAll(cause: StopCause): void {
    this.allStopped = cause;
    for (const task of this.byTask.values()) task.stop(cause);
  }

  remove(task: RunningTask): void {
    const { taskId, fence } = task.claim;
    if (this.byTask.get(taskId) === task) this.byTask.delete(taskId);
    if (task.wasLostToFullStorage) this.lostToFullStorage.set(taskId, fence);
    const [oldest] = this.lostToFullStorage.keys();
    if (oldest !== undefined && this.lostToFullStorage.size > MOST_REMEMBERED)
      this.lostToFullStorage.delete(oldest);
  }

  /** Whether a claim of this process was lost to a full storage: for whoever ends the task when there is room again. */
  wasLostToFullStorage({ taskId, fence }: Claim): boolean {
    return this.lostToFullStorage.get(taskId) === fence;
  }

  find(taskId: string): RunningTask | undefined {
    return this.byTask.get(taskId);
  }

  all(): RunningTask[] {
    return [...this.byTask.values()];
  }

  /** How many tasks were taken since the start. */
  get claims(): number {
    return this.added;
  }

  /** Since the last task was taken, or since the start. */
  get idleMs(): number {
    return performance.now() - this.addedAtMs;
  }

  get count(): number {
    return this.byTask.size;
  }
}
