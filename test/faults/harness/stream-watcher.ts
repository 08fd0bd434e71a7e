import { setTimeout as delay } from 'node:timers/promises';
import type { WatcherRecording } from '../checker/history.js';
import type { Endpoint } from './fault-client.js';
import { Recording } from './recording.js';

const RETRY_MS = 300;
/** Longer than the silence that the server breaks with a comment. */
const SILENCE_LIMIT_MS = 40_000;

/** A reader of one task by Server-Sent Events, which goes on with `Last-Event-ID` after a break. */
export class StreamWatcher {
  private readonly recording: Recording;
  private readonly closing = new AbortController();
  private connection = new AbortController();
  private readonly ended: Promise<void>;
  private turn = 0;

  constructor(
    name: string,
    private readonly taskId: string,
    private readonly endpoints: readonly [Endpoint, ...Endpoint[]],
    private readonly key: string,
  ) {
    this.recording = new Recording(name, taskId);
    this.ended = this.follow();
  }

  get finished(): boolean {
    return this.recording.finished;
  }

  flap(): void {
    this.connection.abort();
  }

  recorded(): WatcherRecording[] {
    return [this.recording.take()];
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.connection.abort();
    await this.ended;
  }

  private async follow(): Promise<void> {
    while (!this.recording.finished && !this.closing.signal.aborted) {
      this.connection = new AbortController();
      // A line that broke, a node that is down or a refusal: all of them mean another try.
      await this.read().catch(() => undefined);
      await delay(RETRY_MS, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
  }

  private async read(): Promise<void> {
    const endpoint = this.endpoints[this.turn++ % this.endpoints.length] ?? this.endpoints[0];
    const { applied } = this.recording;
    const response = await fetch(`${endpoint.url}/api/tasks/${this.taskId}/stream`, {
      headers: { Authorization: `Bearer ${this.key}`, 'Last-Event-ID': String(applied) },
      signal: AbortSignal.any([this.connection.signal, AbortSignal.timeout(SILENCE_LIMIT_MS)]),
    });
    if (response.status !== 200 || !response.body) {
      await response.body?.cancel();
      return;
    }
    this.recording.connect();
    let text = '';
    const decoder = new TextDecoder();
    for await (const bytes of response.body) {
      text += decoder.decode(bytes as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.take(block);
    }
  }

  private take(block: string): void {
    const line = block.split('\n').find((part) => part.startsWith('data:'));
    if (line === undefined) return;
    const { seq, type, at, data } = JSON.parse(line.slice('data:'.length)) as {
      seq: number;
      type: string;
      at: string;
      data: object;
    };
    this.recording.add({ seq, type, at, data: JSON.stringify(data) });
  }
}
