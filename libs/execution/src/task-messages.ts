import type { TaskEvent } from '@app/contracts';

/**
 * What people say to a task while a worker holds it. Each message reaches the engine once, however often and in whatever
 * way it is heard of: by the bus, which may lose it, or from the log. What comes while no run can take it waits for the
 * next one.
 */
export class TaskMessages {
  private readonly heard = new Set<string>();
  /** By their ids, in the order in which they were heard. */
  private readonly waiting = new Map<string, string>();
  private readTo = 0;

  /** Everything that was said up to this number of the log was heard. */
  get seenSeq(): number {
    return this.readTo;
  }

  get areWaiting(): boolean {
    return this.waiting.size > 0;
  }

  /** The log was read up to this number, or its holder wrote what stands there. */
  sawUpTo(seq: number): void {
    this.readTo = Math.max(this.readTo, seq);
  }

  /** The task's holder wrote so many events, the last with this number. There may be others' before them. */
  wrote(lastSeq: number, count: number): void {
    if (lastSeq - count <= this.readTo) this.sawUpTo(lastSeq);
  }

  hear(messageId: string, text: string): void {
    if (this.heard.has(messageId)) return;
    this.heard.add(messageId);
    this.waiting.set(messageId, text);
  }

  /** These are in the prompt of the run that is about to start. */
  putIntoPrompt(inputs: readonly TaskEvent<'task.input'>[]): void {
    for (const { seq, data } of inputs) {
      this.heard.add(data.message_id);
      this.waiting.delete(data.message_id);
      this.sawUpTo(seq);
    }
  }

  /** Hands on what waits, in order, as long as it is accepted. */
  passOn(accept: (text: string) => boolean): void {
    for (const [messageId, text] of this.waiting) {
      if (!accept(text)) return;
      this.waiting.delete(messageId);
    }
  }

  /** All that waits as one text, for the prompt of another run; null when nothing does. */
  takeAll(): string | null {
    const texts = [...this.waiting.values()];
    this.waiting.clear();
    return texts.length > 0 ? texts.join('\n\n') : null;
  }
}
