type Kind = 'text' | 'thinking';

interface OpenBlock {
  messageId: string;
  kind: Kind;
}

export interface WithdrawnBlock extends OpenBlock {
  parent: string | undefined;
}

interface Stream {
  apiMessageId: string;
  /** Streamed, but its whole has not come yet, in the order they started. */
  unsettled: OpenBlock[];
  /** How many blocks of this message have come whole: the index of the next one, when it was not streamed. */
  settledCount: number;
}

/**
 * Links the deltas of a content block to the whole that follows them. The whole arrives as an `assistant` message of
 * one block, before the stream says that the block has ended, and does not name the block's index. When a stream
 * breaks, the answer is sent again under another API message id: it then replaces what was streamed before.
 */
export class StreamedBlocks {
  /** One stream per thread: the main conversation, and each subagent by the tool call that started it. */
  readonly #streams = new Map<string | undefined, Stream>();

  startMessage(parent: string | undefined, apiMessageId: string): WithdrawnBlock[] {
    const abandoned = this.#streams.get(parent)?.unsettled ?? [];
    this.#streams.set(parent, { apiMessageId, unsettled: [], settledCount: 0 });
    return abandoned.map((block) => ({ ...block, parent }));
  }

  startBlock(parent: string | undefined, index: number, kind: Kind): void {
    const stream = this.#streams.get(parent);
    stream?.unsettled.push({ messageId: `${stream.apiMessageId}:${index}`, kind });
  }

  /** The block that a delta belongs to; null when its start was missed. */
  idOfDelta(parent: string | undefined, index: number): string | null {
    const stream = this.#streams.get(parent);
    return stream ? `${stream.apiMessageId}:${index}` : null;
  }

  /** The id of a block that has come whole. */
  settle(parent: string | undefined, apiMessageId: string, kind: Kind | 'other'): string {
    let stream = this.#streams.get(parent);
    const at = stream?.unsettled.findIndex((block) => block.kind === kind) ?? -1;
    if (stream && at >= 0) {
      const [block] = stream.unsettled.splice(at, 1);
      if (stream.apiMessageId === apiMessageId) stream.settledCount++;
      if (block) return block.messageId;
    }
    if (!stream || stream.apiMessageId !== apiMessageId) {
      stream = { apiMessageId, unsettled: stream?.unsettled ?? [], settledCount: 0 };
      this.#streams.set(parent, stream);
    }
    return `${apiMessageId}:${stream.settledCount++}`;
  }

  /** At the end of a turn: what was streamed and never came whole is void. */
  endTurn(): WithdrawnBlock[] {
    const left = [...this.#streams].flatMap(([parent, { unsettled }]) =>
      unsettled.map((b) => ({ ...b, parent })),
    );
    this.#streams.clear();
    return left;
  }
}
