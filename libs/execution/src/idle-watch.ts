import type { EngineEvent } from '@app/engines';

/** A tool may be silent this many times longer than the engine: builds and tests are. */
const TOOL_PATIENCE = 4;

/**
 * Notices an engine that says nothing any more. While a tool runs, it is given four times the limit, and a sign of life
 * of the tool (`tool_progress`) does not prolong that: a hung command gives it too. While somebody is asked for an
 * approval, or Claude Code waits before it tries again, the watch is off.
 */
export class IdleWatch {
  private readonly tools = new Set<string>();
  private readonly questions = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  private lastAtMs: number;

  constructor(
    private readonly limitMs: number,
    private readonly onIdle: () => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.lastAtMs = nowMs();
    this.watch();
  }

  note(event: EngineEvent): void {
    if (event.type === 'note' && event.kind === 'tool_progress') return;
    this.lastAtMs = this.nowMs();
    switch (event.type) {
      case 'tool.started':
        this.tools.add(event.id);
        return;
      case 'tool.finished':
        this.tools.delete(event.id);
        return;
      case 'permission.requested':
        this.questions.add(event.id);
        return;
      case 'permission.resolved':
        this.questions.delete(event.id);
        return;
      case 'retry':
        this.lastAtMs += event.delayMs;
        return;
      case 'turn.finished':
        this.tools.clear();
        this.questions.clear();
        return;
      default:
    }
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  /** Looks again when the limit could be reached; events only note the time, for there are thousands of them. */
  private watch(): void {
    const leftMs = this.leftMs();
    if (leftMs <= 0) return this.onIdle();
    this.timer = setTimeout(() => this.watch(), Math.min(leftMs, this.limitMs));
    this.timer.unref();
  }

  private leftMs(): number {
    if (this.questions.size > 0) return Infinity;
    const limitMs = this.tools.size > 0 ? this.limitMs * TOOL_PATIENCE : this.limitMs;
    return this.lastAtMs + limitMs - this.nowMs();
  }
}
