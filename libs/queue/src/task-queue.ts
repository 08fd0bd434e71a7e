/**
 * The doorbell: it tells workers to look at a task now. The database is the queue of record, so a bell may be lost
 * (the reconciler rings again) or ring twice (the claim refuses the second). It promises: while a bell waits it is
 * rung at most once per task and generation, higher priority first, then in order; `ring` answers or rejects within
 * two seconds. It leaves out: retries, results, and any memory of bells that were answered.
 */
export interface TaskQueue {
  ring(bells: readonly Bell[]): Promise<void>;
  /** Those of the bells that are neither waiting, nor delayed, nor being answered. Cheap for a thousand of them. */
  missing(bells: readonly Bell[]): Promise<Bell[]>;
  /** Rings now those of the bells that were to ring later: the clock of the database says that their time has come. */
  hasten(bells: readonly Bell[]): Promise<void>;
  /** Starts answering: at most `concurrency` handlers at a time, and a bell is taken only when a slot is free. */
  answer(concurrency: number, handler: BellHandler): Promise<void>;
  /** Takes no further bell; handlers that run go on. */
  stop(): Promise<void>;
  /** Rejects when the queue cannot be reached. Bounded in time. */
  check(): Promise<void>;
  /** How many bells wait. */
  depth(): Promise<number>;
  /** Calls back when a lost connection is there again. */
  onReconnect(listener: () => void): void;
}

/**
 * What a worker does with a bell. The slot is free again when the promise settles. `taken` says, earlier, that the
 * bell has done its work and is forgotten; without it that is so at the end. A bell whose handler fails is forgotten
 * too, and its slot rests for a second.
 */
export type BellHandler = (bell: Bell, taken: () => void) => Promise<void>;

export interface Bell {
  taskId: string;
  generation: number;
  /** −100 to 100; higher is sooner. */
  priority: number;
  /** ISO instant before which nobody should look, or null. Read by the clock of this machine, which may be wrong. */
  notBefore: string | null;
}

export const TASK_QUEUE = Symbol('TaskQueue');

/** One bell per task and generation. */
export function bellId(bell: Pick<Bell, 'taskId' | 'generation'>): string {
  return `${bell.taskId}-${bell.generation}`;
}
