import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { TASK_QUEUE, type Bell, type TaskQueue } from '@app/queue';
import { FRONT_OF_QUEUE, TaskRunsRepository, type QueuePlace } from '@app/tasks';

const LOOK_EVERY_MS = 5000;
/** The first in line, which is what workers can use before the next look. */
const FIRST = 1000;
/** Bells that come due before the next look are rung too, with their delay. */
const AHEAD_SECONDS = 10;
/** After a loss of everything the rest follows at 2,000 bells a second, which leaves the database to the tasks. */
const PAGE = 500;
const PAGE_EVERY_MS = 250;

/**
 * Rings for tasks whose bell is gone. At each look for the oldest that could be claimed now; bells further back are not
 * needed before. When the queue may have lost everything (at the start and after a reconnect), it then walks through all
 * others, page by page. A bell that waits for its time is rung when the database says that it has come: the clock of the
 * machine that rings may be behind. It may run on several machines at once: a bell that is there already is not rung twice.
 */
@Injectable()
export class Reconciler implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Reconciler.name);
  private stopped = false;
  private lookedAtMs = -Infinity;
  private wakeUp = (): void => undefined;
  private running: Promise<void> | null = null;
  /** The walk goes on behind this place; null when there is none. */
  private walkAfter: QueuePlace | null = FRONT_OF_QUEUE;

  constructor(
    private readonly runs: TaskRunsRepository,
    @Inject(TASK_QUEUE) private readonly queue: TaskQueue,
  ) {}

  onApplicationBootstrap(): void {
    this.queue.onReconnect(() => {
      this.walkAfter = FRONT_OF_QUEUE;
      this.lookedAtMs = -Infinity;
      this.wakeUp();
    });
    this.running = this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    this.wakeUp();
    await this.running;
  }

  private async look(): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.lookedAtMs < LOOK_EVERY_MS) return;
    this.lookedAtMs = nowMs;
    const bells = await this.runs.firstInLine(FIRST, AHEAD_SECONDS);
    await this.ring(bells);
    await this.queue.hasten(bells.filter(({ isOverdue }) => isOverdue));
  }

  /** One more page of all that are queued; the few that are parked are rung for when their time comes. */
  private async walk(): Promise<void> {
    const from = this.walkAfter;
    if (from === null) return;
    const { bells, next } = await this.runs.queuedAfter(from, PAGE);
    await this.ring(bells);
    // A reconnect meanwhile has begun another walk.
    if (this.walkAfter === from) this.walkAfter = next;
  }

  private async ring(bells: Bell[]): Promise<void> {
    if (bells.length > 0) await this.queue.ring(await this.queue.missing(bells));
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      let restMs = PAGE_EVERY_MS;
      try {
        await this.look();
        await this.walk();
        // Until the next look is due, and no longer: a lost bell is to be missed for five seconds at most.
        if (this.walkAfter === null) restMs = this.lookedAtMs + LOOK_EVERY_MS - performance.now();
      } catch (error) {
        this.logger.warn({ err: error }, 'bells could not be compared with the tasks; trying again');
        restMs = LOOK_EVERY_MS;
      }
      // A reconnect during the round has nobody to wake yet.
      if (!this.stopped && this.lookedAtMs > -Infinity) await this.rest(restMs);
    }
  }

  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(ms, 0));
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
