import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { bellId, type Bell, type BellHandler, type TaskQueue } from './task-queue.js';

/** A bell for later looks at the time of day this often: timers stand still while the host sleeps. */
const LOOK_EVERY_MS = 10_000;
const PAUSE_MS = 1000;

/** The queue of a single process: memory only, filled again from the database at start. */
export class InProcessTaskQueue implements TaskQueue, OnModuleDestroy {
  private readonly logger = new Logger(InProcessTaskQueue.name);
  private readonly waiting = new Map<number, Bell[]>();
  private readonly known = new Set<string>();
  /** Those that ring later, by their ids. */
  private readonly later = new Map<string, Bell>();
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

  hasten(bells: readonly Bell[]): Promise<void> {
    for (const bell of bells) {
      const known = this.later.get(bellId(bell));
      if (known) this.line(known);
    }
    this.work();
    return Promise.resolve();
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
    if (!(delayMs > 0)) return this.line(bell);
    this.later.set(bellId(bell), bell);
    this.after(Math.min(delayMs, LOOK_EVERY_MS), () => {
      if (this.later.get(bellId(bell)) !== bell) return;
      this.hold(bell);
      this.work();
    });
  }

  private line(bell: Bell): void {
    this.later.delete(bellId(bell));
    const line = this.waiting.get(bell.priority) ?? [];
    line.push(bell);
    this.waiting.set(bell.priority, line);
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
