import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Job, Queue } from 'bull';
import { bellOf, BULL_SETTINGS, type BellJob } from './bull-jobs.js';
import { Slots } from './slots.js';
import type { Bell, BellHandler } from './task-queue.js';
import { ANSWER_LIMIT_MS, within } from './within.js';

const PAUSE_MS = 1000;

/** Bull's own care for its lists. Its `process` calls them too, with much that a doorbell must not do. */
declare module 'bull' {
  interface Queue {
    /** Moves bells whose time has come to those that wait; calls itself again every `guardInterval`. Never rejects. */
    updateDelayTimer(): Promise<void>;
    /** Gives bells back that somebody took and did not lock. Never rejects. */
    moveUnlockedJobsToWait(): Promise<void>;
  }
}

/**
 * A worker's side of Bull: takes a bell whenever a slot is free, and lets go of it as soon as it has done its work,
 * which is when the task is claimed. So no job is held, and no lock renewed, for the hours a task may run; what a
 * worker runs is counted here (docs/adr/0008).
 */
export class BullAnswering {
  private readonly logger = new Logger(BullAnswering.name);
  private readonly slots: Slots;
  private readonly stopping = new AbortController();
  private readonly letGo = new Set<Promise<void>>();
  private readonly care: NodeJS.Timeout;
  private readonly loop: Promise<void>;

  constructor(
    private readonly queue: Queue<BellJob>,
    concurrency: number,
    private readonly handler: BellHandler,
    private readonly ringAgain: (bell: Bell) => Promise<void>,
  ) {
    this.slots = new Slots(concurrency);
    void queue.updateDelayTimer();
    void queue.moveUnlockedJobsToWait();
    this.care = setInterval(() => void queue.moveUnlockedJobsToWait(), BULL_SETTINGS.stalledInterval);
    this.loop = this.answer();
  }

  /** Takes no further bell; handlers that run go on. */
  async stop(): Promise<void> {
    this.stopping.abort();
    clearInterval(this.care);
    this.slots.giveBack();
    // Waiting for a bell ends by itself within a second: cutting it short could lose the one that comes just now.
    await within(ANSWER_LIMIT_MS, this.loop).catch(() => undefined);
    await within(ANSWER_LIMIT_MS, Promise.all(this.letGo)).catch(() => undefined);
    await within(ANSWER_LIMIT_MS, this.queue.close(true)).catch(() => undefined);
  }

  private get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async answer(): Promise<void> {
    for (;;) {
      await this.slots.take();
      if (this.stopped) return;
      const job = await this.next();
      if (job) void this.serve(job).finally(() => this.slots.giveBack());
      else this.slots.giveBack();
    }
  }

  private async next(): Promise<Job<BellJob> | null> {
    try {
      return (await this.queue.getNextJob()) ?? null;
    } catch (error) {
      // Whether Redis is away is told by its connections.
      this.logger.debug({ err: error }, 'no bell could be taken');
      await this.pause();
      return null;
    }
  }

  private async serve(job: Job<BellJob>): Promise<void> {
    const bell = bellOf(job);
    let held = true;
    const taken = (): void => {
      if (!held) return;
      held = false;
      const done = this.finish(job).finally(() => this.letGo.delete(done));
      this.letGo.add(done);
    };
    if (!bell) {
      this.logger.warn({ jobId: job.id }, 'a job that is none of ours was removed from the queue');
      taken();
    } else if (this.stopped) await this.handBack(job, bell);
    else {
      try {
        await this.handler(bell, taken);
      } catch (error) {
        this.logger.error({ err: error, taskId: bell.taskId }, 'a bell could not be answered');
        // Its slot rests, so that a database that is away is not asked without a break.
        await this.pause();
      } finally {
        taken();
      }
    }
  }

  /** It was taken in the moment the worker stopped: another one shall hear it. */
  private async handBack(job: Job<BellJob>, bell: Bell): Promise<void> {
    await this.finish(job);
    await this.ringAgain(bell).catch((error: unknown) =>
      this.logger.debug({ err: error }, 'not handed back'),
    );
  }

  private async finish(job: Job<BellJob>): Promise<void> {
    // A job whose record was flushed away between two steps of Bull has lost its options.
    job.opts.removeOnComplete = true;
    try {
      await job.moveToCompleted('', false, true);
    } catch (error) {
      this.logger.debug({ err: error, jobId: job.id }, 'a job was gone already, or could not be removed');
      // A record without a place in a list would look like a bell that waits.
      await this.queue.client.del(this.queue.toKey(String(job.id))).catch(() => undefined);
    }
  }

  private async pause(): Promise<void> {
    await delay(PAUSE_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
