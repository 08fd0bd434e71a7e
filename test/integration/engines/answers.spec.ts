import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EngineEvent } from '@app/engines';
import { eventsOf, openBench } from './bench-of-runs.js';
import type { Bench } from './bench-of-runs.js';

const deltasOf = (events: EngineEvent[], messageId: string): string =>
  events
    .flatMap((event) => (event.type === 'text.delta' || event.type === 'thinking.delta' ? [event] : []))
    .filter((event) => event.messageId === messageId)
    .map((event) => event.text)
    .join('');

describe('an answer of Claude Code', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it('says at boot that it can run, and in which version', async () => {
    expect(await bench.engine.check()).toEqual({
      ok: true,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });

  it('comes as deltas that add up to the final text, with the usage of the turn', async () => {
    const { events, end } = await bench.run('SCENARIO:plain');
    const [text] = eventsOf(events, 'text');
    expect(text?.text).toBe('Hello from the offline model. This is a plain answer.');
    expect(deltasOf(events, text?.messageId ?? '')).toBe(text?.text);
    expect(eventsOf(events, 'turn.finished')).toEqual([
      expect.objectContaining({
        outcome: { kind: 'success' },
        result: text?.text,
        usage: [expect.objectContaining({ inputTokens: 12, costBasis: 'list', costUsd: expect.any(Number) })],
      }),
    ]);
    expect(events.at(-1)).toEqual({ type: 'ended', end });
    expect(end).toMatchObject({ outcome: { kind: 'success' }, exitCode: 0, signal: null });
    expect(eventsOf(events, 'session')).toEqual([{ type: 'session', sessionId: end.sessionId }]);
    expect(eventsOf(events, 'init')).toHaveLength(1);
  });

  it('shows its thinking, apart from its text', async () => {
    const { events } = await bench.run('SCENARIO:think');
    const [thinking] = eventsOf(events, 'thinking');
    const [text] = eventsOf(events, 'text');
    expect(thinking?.text).toBe('Let me think about this. Step one. Step two.');
    expect(deltasOf(events, thinking?.messageId ?? '')).toBe(thinking?.text);
    expect(text?.messageId).not.toBe(thinking?.messageId);
  });

  it('uses real tools: files change, and each call has its result', async () => {
    const { events, workspaceDir } = await bench.run('SCENARIO:tooluse');
    expect(await readFile(join(workspaceDir, 'hello.txt'), 'utf8')).toBe('hello world\n');
    const started = eventsOf(events, 'tool.started');
    expect(started.map(({ name }) => name)).toEqual(['Write', 'Bash']);
    const finished = eventsOf(events, 'tool.finished');
    expect(finished.map(({ id, isError }) => ({ id, isError }))).toEqual(
      started.map(({ id }) => ({ id, isError: false })),
    );
    expect(finished[1]?.output).toBe('hello world\nhello.txt');
    expect(finished[1]?.detail).toMatchObject({ stdout: 'hello world\nhello.txt' });
  });

  it('arrives whole when a stream is cut, and what was streamed before is withdrawn', async () => {
    const { events, end } = await bench.run('SCENARIO:cut');
    const texts = eventsOf(events, 'text');
    expect(texts.map(({ text }) => text)).toEqual([
      '',
      'This text arrives whole although its first stream is cut.',
    ]);
    expect(deltasOf(events, texts[0]?.messageId ?? '')).not.toBe('');
    expect(eventsOf(events, 'retry')).toHaveLength(1);
    expect(end.outcome).toEqual({ kind: 'success' });
  });

  it('replaces the deltas of a stream that failed, without telling them twice', async () => {
    const { events } = await bench.run('SCENARIO:midstream');
    const texts = eventsOf(events, 'text');
    expect(texts).toHaveLength(1);
    expect(deltasOf(events, texts[0]?.messageId ?? '')).toBe(texts[0]?.text);
  });

  it('arrives complete when it is a flood, which stops while nobody reads', async () => {
    const spec = await bench.spec('SCENARIO:deltas[20000@100000]');
    const run = bench.engine.start(spec);
    const reader = run.events[Symbol.asyncIterator]();
    let chars = 0;
    for (let next = await reader.next(); !next.done; next = await reader.next()) {
      if (next.value.type === 'text.delta') chars += next.value.text.length;
    }
    expect(chars).toBe('token '.length * 20_000);
    expect((await run.done).outcome).toEqual({ kind: 'success' });
  });
});
