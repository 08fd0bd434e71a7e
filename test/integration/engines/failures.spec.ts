import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClaudeCodeEngine } from '@app/engines';
import { eventsOf, openBench } from './bench-of-runs.js';
import type { Bench } from './bench-of-runs.js';

describe('a run that cannot go well', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it('fails within seconds when the key is wrong, instead of retrying for minutes', async () => {
    const secret = 'sk-ant-invalid-0123456789';
    const watched = await bench.start('SCENARIO:plain', { credential: { kind: 'api_key', secret } });
    await watched.until('init');
    const startedAt = performance.now();
    const { end, events } = await watched.finished();
    expect(performance.now() - startedAt).toBeLessThan(4000);
    expect(eventsOf(events, 'retry')).toHaveLength(1);
    expect(end.outcome).toMatchObject({ kind: 'failed', failure: 'auth_failed' });
    expect(events.at(-1)).toEqual({ type: 'ended', end });
  });

  it.each([
    ['a key without permission', 'SCENARIO:e403', 'auth_failed'],
    ['an empty balance', 'SCENARIO:credit', 'billing_error'],
    ['a malformed request', 'SCENARIO:e400', 'invalid_request'],
  ])('tells %s apart', async (_what, prompt, failure) => {
    const { end, events } = await bench.run(prompt);
    expect(end.outcome).toMatchObject({ kind: 'failed', failure, message: expect.any(String) });
    expect(eventsOf(events, 'turn.finished')).toEqual([
      expect.objectContaining({ outcome: end.outcome, result: null }),
    ]);
  });

  it('shows the retries of an overloaded model, and recovers', async () => {
    const { end, events } = await bench.run('SCENARIO:recover[2]');
    expect(eventsOf(events, 'retry')).toMatchObject([
      { attempt: 1, maxAttempts: 4, status: 529, error: 'overloaded' },
      { attempt: 2, maxAttempts: 4, status: 529, error: 'overloaded' },
    ]);
    expect(end.outcome).toEqual({ kind: 'success' });
  });

  it('honours the retry-after of a rate limit', async () => {
    const watched = await bench.start('SCENARIO:e429[7]');
    const retry = await watched.until('retry');
    expect(retry).toMatchObject({ status: 429, error: 'rate_limit' });
    expect(retry.delayMs).toBeGreaterThanOrEqual(6500);
    await watched.run.stop();
  });

  it.each([
    ['turns', { maxTurns: 1 }, 'max_turns'],
    ['cost', { maxBudgetUsd: 0.01 }, 'max_cost'],
  ])('ends at its limit of %s', async (_what, limit, failure) => {
    const { end } = await bench.run('SCENARIO:loop', limit);
    expect(end.outcome).toMatchObject({ kind: 'failed', failure });
  });

  it('says that a conversation is lost, and does not start another one in its place', async () => {
    const { end, events } = await bench.run('SCENARIO:plain', {
      conversation: { kind: 'resume', id: randomUUID() },
    });
    expect(end).toMatchObject({ outcome: { kind: 'failed', failure: 'session_lost' }, sessionId: null });
    expect(eventsOf(events, 'text')).toEqual([]);
  });

  it('looks at its folders before it starts anything', async () => {
    const nowhere = join(bench.folder, 'nowhere');
    const missing = await bench.run('SCENARIO:plain', { workspaceDir: nowhere });
    expect(missing.end.outcome).toMatchObject({ failure: 'workspace_missing' });
    const skilless = await bench.run('SCENARIO:plain', { pluginDirs: [nowhere] });
    expect(skilless.end.outcome).toMatchObject({ failure: 'agent_invalid' });
    expect(skilless.end.exitCode).toBeNull();
  });

  it('says why when the binary does not start', async () => {
    const engine = new ClaudeCodeEngine({
      hostEnv: {},
      configDir: bench.configDir,
      executable: '/nonexistent/claude',
    });
    expect(await engine.check()).toMatchObject({ ok: false });
    const run = engine.start(await bench.spec('SCENARIO:plain'));
    expect((await run.done).outcome).toMatchObject({ kind: 'failed', failure: 'not_startable' });
  });
});
