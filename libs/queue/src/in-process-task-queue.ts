import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { bellId, type Bell, type BellHandler, type TaskQueue } from './task-queue.js';

/** A timer cannot be set further ahead than this; the bell looks again then. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const PAUSE_MS = 1000;

/** The queue of a single process: memory only, filled again from the database at start. */
export class InProcessTaskQueue implements TaskQueue, OnModuleDestroy {
  private readonly logger = new Logger(InProcessTaskQueue.name);
  private readonly waiting = new Map<number, Bell[]>();
  private readonly known = new Set<string>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private handler: BellHandler | null = null;
  private free = 0;

  ring(bells: readonly Bell[]): Promise<void> {
    for (const bell of bells) {
      if (this.known.has(bellId(bell))) continue;
      this.known.add(bellId(bell));
      this.hold(bell);
    }
    this.work();
    return Promise.resolve();
  }

  missing(bells: readonly Bell[]): Promise<Bell[]> {
    return Promise.resolve(bells.filter((bell) => !this.known.has(bellId(bell))));
  }

  answer(concurrency: number, handler: BellHandler): Promise<void> {
    this.handler = handler;
    this.free = concurrency;
    this.work();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.handler = null;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    return Promise.resolve();
  }

  onModuleDestroy(): Promise<void> {
    return this.stop();
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  depth(): Promise<number> {
    let depth = 0;
    for (const bells of this.waiting.values()) depth += bells.length;
    return Promise.resolve(depth);
  }

  onReconnect(): void {
    // There is no connection that could be lost.
  }

  private hold(bell: Bell): void {
    const delayMs = bell.notBefore ? Date.parse(bell.notBefore) - Date.now() : 0;
    if (!(delayMs > 0)) {
      const line = this.waiting.get(bell.priority) ?? [];
      line.push(bell);
      this.waiting.set(bell.priority, line);
      return;
    }
    this.after(Math.min(delayMs, MAX_TIMER_MS), () => {
      this.hold(bell);
      this.work();
    });
  }

  private after(delayMs: number, step: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      step();
    }, delayMs);
    timer.unref();
    this.timers.add(timer);
  }

  private work(): void {
    while (this.handler && this.free > 0) {
      const bell = this.next();
      if (!bell) return;
      this.free -= 1;
      void this.handle(this.handler, bell);
    }
  }

  private async handle(handler: BellHandler, bell: Bell): Promise<void> {
    let held = true;
    const taken = (): void => {
      // Once: the same bell may have rung again meanwhile.
      if (held) this.known.delete(bellId(bell));
      held = false;
    };
    try {
      await handler(bell, taken);
      taken();
      this.giveBack();
    } catch (error) {
      this.logger.error({ err: error, taskId: bell.taskId }, 'a bell could not be answered');
      taken();
      // Its slot rests, so that a database that is away is not asked without a break.
      this.after(PAUSE_MS, () => this.giveBack());
    }
  }

  private giveBack(): void {
    this.free += 1;
    this.work();
  }

  private next(): Bell | undefined {
    const [highest] = [...this.waiting.keys()].sort((a, b) => b - a);
    if (highest === undefined) return undefined;
    const line = this.waiting.get(highest) ?? [];
    const bell = line.shift();
    if (line.length === 0) this.waiting.delete(highest);
    return bell;
  }
}
