import { Logger } from '@nestjs/common';
import type { Queue } from 'bull';
import { BullAnswering } from './bull-answering.js';
import { jobOf, type BellJob } from './bull-jobs.js';
import { bellId, type Bell, type BellHandler, type TaskQueue } from './task-queue.js';
import { ANSWER_LIMIT_MS, within } from './within.js';

type Pipeline = ReturnType<Queue['client']['pipeline']>;

export interface BullParts {
  /** Over a connection that fails at once while Redis is away: whoever rings must not wait. */
  ringing: Queue<BellJob>;
  /** Over connections that wait for Redis. Opened by the first `answer`: who only rings needs none. */
  openAnswering(): Queue<BellJob>;
  onReconnect(listener: () => void): void;
  /** Throws when this Redis must not be used, though it answers. */
  assertFit(): void;
}

/** Bells over Redis, for several processes. Bull is only the doorbell: its locks and retries decide nothing. */
export class BullTaskQueue implements TaskQueue {
  private readonly logger = new Logger(BullTaskQueue.name);
  private answering: BullAnswering | null = null;

  constructor(private readonly parts: BullParts) {
    this.listen(parts.ringing);
  }

  async ring(bells: readonly Bell[]): Promise<void> {
    if (bells.length === 0) return;
    const jobs = await within(ANSWER_LIMIT_MS, this.parts.ringing.addBulk(bells.map(jobOf)));
    // Bull says nothing of a job that Redis refused.
    const refused = jobs.filter(({ id }, index) => id !== bellIdAt(bells, index)).length;
    if (refused > 0) throw new Error(`Redis refused ${refused} of ${jobs.length} bells`);
  }

  /**
   * Two round trips, however many. A job without data counts as missing: when Redis is emptied while Bull takes a job,
   * Bull notes the time in a hash that is no more, and the remnant would keep the bell from being rung for ever.
   */
  async missing(bells: readonly Bell[]): Promise<Bell[]> {
    if (bells.length === 0) return [];
    const whole = await this.ask(bells, (asked, key) => asked.hexists(key, 'data'));
    const missing = bells.filter((_bell, index) => whole[index] === 0);
    if (missing.length > 0) await this.ask(missing, (asked, key) => asked.del(key));
    return missing;
  }

  async hasten(bells: readonly Bell[]): Promise<void> {
    if (bells.length === 0) return;
    const delayed = this.parts.ringing.toKey('delayed');
    const due = await this.ask(bells, (asked, _key, id) => asked.zscore(delayed, id));
    const still = bells.filter((_bell, index) => due[index] !== null);
    await within(ANSWER_LIMIT_MS, Promise.all(still.map((bell) => this.promote(bell))));
  }

  private async promote(bell: Bell): Promise<void> {
    const job = await this.parts.ringing.getJob(bellId(bell));
    // Bull may move it itself in this moment, and says that as an error; if it is another one, the next look tells.
    await job?.promote().catch((error: unknown) => this.logger.debug({ err: error }, 'not hastened'));
  }

  private async ask(
    bells: readonly Bell[],
    question: (asked: Pipeline, key: string, id: string) => unknown,
  ): Promise<unknown[]> {
    const { ringing } = this.parts;
    const asked = ringing.client.pipeline();
    for (const bell of bells) question(asked, ringing.toKey(bellId(bell)), bellId(bell));
    const answers = (await within(ANSWER_LIMIT_MS, asked.exec())) ?? [];
    const failed = answers.find(([error]) => error)?.[0];
    if (failed) throw failed;
    return answers.map(([, answer]) => answer);
  }

  answer(concurrency: number, handler: BellHandler): Promise<void> {
    if (this.answering) throw new Error('the queue is being answered already');
    const queue = this.parts.openAnswering();
    this.listen(queue);
    this.answering = new BullAnswering(queue, concurrency, handler, (bell) => this.ring([bell]));
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    await this.answering?.stop();
  }

  async check(): Promise<void> {
    await within(ANSWER_LIMIT_MS, this.parts.ringing.client.ping());
    this.parts.assertFit();
  }

  async depth(): Promise<number> {
    const counts = await within(ANSWER_LIMIT_MS, this.parts.ringing.getJobCounts());
    return counts.waiting + counts.delayed;
  }

  onReconnect(listener: () => void): void {
    this.parts.onReconnect(listener);
  }

  /** Without a listener a lost connection would end the process. Outages are told by the connections, once. */
  private listen(queue: Queue<BellJob>): void {
    queue.on('error', (error) => this.logger.debug({ err: error }, 'Bull reports an error'));
  }
}

function bellIdAt(bells: readonly Bell[], index: number): string | null {
  const bell = bells[index];
  return bell ? bellId(bell) : null;
}
