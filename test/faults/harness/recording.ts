import { endTold, type Frame, type WatcherRecording } from '../checker/history.js';

/** What one watcher got of one task, connection by connection. */
export class Recording {
  applied = 0;
  finished = false;
  /** The highest seq that the server said it has. */
  head = 0;
  private readonly connections: WatcherRecording['connections'] = [];

  constructor(
    private readonly name: string,
    private readonly taskId: string,
  ) {}

  /** A new connection, which asks for what comes behind the last frame. */
  connect(): void {
    this.connections.push({ after: this.applied, frames: [] });
  }

  add(frame: Frame): void {
    this.connections.at(-1)?.frames.push(frame);
    this.applied = Math.max(this.applied, frame.seq);
    if (endTold(frame.type) !== null) this.finished = true;
  }

  noteHead(seq: number): void {
    this.head = Math.max(this.head, seq);
  }

  take(): WatcherRecording {
    const { name, taskId, finished, connections } = this;
    return { name, taskId, finished, connections };
  }
}
