import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Delta } from './answer.js';
import { blockStart, deltasOf, messageDelta, messageStart } from './answer.js';
import type { Step } from './script.js';

/** Any event of the Messages API's stream; its `type` names it twice, in the event line and in the data. */
type StreamEvent = Record<string, unknown> & { type?: unknown };
type Pace = Pick<Step, 'delayMs' | 'deltasPerSecond' | 'breakOff'>;

/** Writes an answer as server-sent events, at the pace of the step; returns early when the client has gone. */
export async function streamAnswer(
  res: ServerResponse,
  answer: Answer,
  pace: Pace,
  signal: AbortSignal,
): Promise<void> {
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  await send(res, messageStart(answer));
  await send(res, { type: 'ping' });
  for (const [index, block] of answer.content.entries()) {
    await send(res, blockStart(block, index));
    await sendDeltas(res, deltasOf(block, index), pace, signal);
    if (pace.breakOff === 'socket') {
      // A FIN in the middle of the body, not a reset: a reset could discard deltas that the client has not read yet.
      res.socket?.end();
      return;
    }
    if (pace.breakOff === 'error-event') {
      await send(res, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
      res.end();
      return;
    }
    await send(res, { type: 'content_block_stop', index });
    if (res.destroyed) return;
  }
  await send(res, messageDelta(answer));
  await send(res, { type: 'message_stop' });
  res.end();
}

async function sendDeltas(
  res: ServerResponse,
  deltas: Delta[],
  pace: Pace,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  for (const [count, delta] of deltas.entries()) {
    if (res.destroyed) return;
    if (pace.deltasPerSecond) {
      // Timers are coarse: wait only when ahead of the schedule, so that high rates come in small bursts.
      const dueAt = startedAt + (count * 1000) / pace.deltasPerSecond;
      const aheadMs = dueAt - performance.now();
      if (aheadMs > 1) await sleep(aheadMs, undefined, { signal });
    } else if (pace.delayMs) {
      await sleep(pace.delayMs, undefined, { signal });
    }
    await send(res, delta);
  }
}

async function send(res: ServerResponse, event: StreamEvent): Promise<void> {
  if (res.destroyed) return;
  if (res.write(`event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`)) return;
  // Whichever comes first takes the listeners of the other one with it.
  const waiting = new AbortController();
  const { signal } = waiting;
  await Promise.race([once(res, 'drain', { signal }), once(res, 'close', { signal })]).finally(() =>
    waiting.abort(),
  );
}
