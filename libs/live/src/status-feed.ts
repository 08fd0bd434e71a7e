import type { TaskStatusMessage } from '@app/contracts';

/** Statuses that wait for a slow reader; beyond that the oldest are left out, as they are while nobody listens. */
const MAX_WAITING = 2000;

/** The status changes of all tasks for one reader. One that is slow gets the latest status of each task, not all. */
export class StatusFeed {
  private readonly waiting = new Map<string, TaskStatusMessage>();
  private flushing = false;

  constructor(
    private readonly room: () => Promise<void> | null,
    private readonly send: (message: TaskStatusMessage) => void,
  ) {}

  hear(message: TaskStatusMessage): void {
    // Anew at the end: the order is that of the latest changes.
    this.waiting.delete(message.task_id);
    this.waiting.set(message.task_id, message);
    const [oldest] = this.waiting.keys();
    if (oldest !== undefined && this.waiting.size > MAX_WAITING) this.waiting.delete(oldest);
    if (!this.flushing) void this.flush();
  }

  /** Sends at once as long as there is room. */
  private async flush(): Promise<void> {
    this.flushing = true;
    while (this.waiting.size > 0) {
      for (let full = this.room(); full; full = this.room()) await full;
      const [first] = this.waiting.values();
      if (!first) break;
      this.waiting.delete(first.task_id);
      this.send(first);
    }
    this.flushing = false;
  }
}
