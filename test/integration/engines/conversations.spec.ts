import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { use } from '@app/engines';
import { eventsOf, openBench } from './bench-of-runs.js';
import type { Bench, FinishedRun } from './bench-of-runs.js';

const costOf = ({ events }: FinishedRun): number =>
  eventsOf(events, 'turn.finished')
    .flatMap(({ usage }) => usage)
    .reduce((sum, { costUsd }) => sum + costUsd, 0);

const resultsOf = ({ events }: FinishedRun): (string | null)[] =>
  eventsOf(events, 'turn.finished').map(({ result }) => result);

describe('a conversation', () => {
  let bench: Bench;
  beforeAll(async () => {
    const input = { command: 'until [ -f go ]; do sleep 0.05; done', description: 'Wait' };
    bench = await openBench({
      wait: [{ blocks: [use('Bash', input)] }, { blocks: [{ type: 'text', text: 'Waited.' }] }],
      background: [
        {
          blocks: [
            use('Agent', {
              subagent_type: 'general-purpose',
              description: 'Slow work',
              prompt: 'SCENARIO:slow[15]',
              run_in_background: true,
            }),
          ],
        },
        { blocks: [{ type: 'text', text: 'Delegated.' }] },
        { blocks: [{ type: 'text', text: 'The subagent has reported.' }] },
      ],
    });
  });
  afterAll(() => bench.close());

  it('goes on in a new process and another folder, and books only what the new run used', async () => {
    const id = randomUUID();
    const first = await bench.run('SCENARIO:plain one', { conversation: { kind: 'new', id } });
    expect(first.end.sessionId).toBe(id);
    const second = await bench.run('SCENARIO:recall', { conversation: { kind: 'resume', id } });
    expect(second.end).toMatchObject({ outcome: { kind: 'success' }, sessionId: id });
    expect(resultsOf(second)).toEqual(['I remember 1 earlier prompts.\n1. SCENARIO:plain one']);
    expect(costOf(second)).toBeGreaterThan(0);
    // The second run read its prompt from the cache; with the first run's cost in it, it could not be cheaper.
    expect(costOf(second)).toBeLessThan(costOf(first));
  });

  it('can be copied: the copy knows what was said, and the original does not hear of the copy', async () => {
    const id = randomUUID();
    const copy = randomUUID();
    await bench.run('SCENARIO:plain one', { conversation: { kind: 'new', id } });
    const forked = await bench.run('SCENARIO:recall copy', {
      conversation: { kind: 'fork', id: copy, from: id },
    });
    expect(forked.end.sessionId).toBe(copy);
    expect(resultsOf(forked)[0]).toContain('1. SCENARIO:plain one');
    const original = await bench.run('SCENARIO:recall', { conversation: { kind: 'resume', id } });
    expect(resultsOf(original)).toEqual(['I remember 1 earlier prompts.\n1. SCENARIO:plain one']);
  });

  it('answers a message that comes while it is speaking in a turn of its own', async () => {
    const watched = await bench.start('SCENARIO:slow[8]');
    await watched.until('text.delta');
    expect(watched.run.send('SCENARIO:recall')).toMatchObject({ accepted: true });
    const finished = await watched.finished();
    expect(resultsOf(finished)).toEqual([
      'word '.repeat(8),
      'I remember 1 earlier prompts.\n1. SCENARIO:slow[8]',
    ]);
    expect(watched.run.send('too late').accepted).toBe(false);
  });

  it('answers a message that comes while a tool runs in the same turn', async () => {
    const watched = await bench.start('SCENARIO:wait');
    await watched.until('tool.started');
    watched.run.send('SCENARIO:recall');
    await letGo(watched.spec.workspaceDir);
    expect(resultsOf(await watched.finished())).toEqual(['I remember 1 earlier prompts.\n1. SCENARIO:wait']);
  });

  it('keeps a message for the next turn when it is asked to', async () => {
    const watched = await bench.start('SCENARIO:wait');
    await watched.until('tool.started');
    watched.run.send('SCENARIO:recall', 'next-turn');
    await letGo(watched.spec.workspaceDir);
    expect(resultsOf(await watched.finished())).toEqual(['Waited.', expect.stringContaining('I remember 1')]);
  });

  it('can be interrupted, keeps what was said, and answers what was sent before', async () => {
    const watched = await bench.start('SCENARIO:slow[200]');
    await watched.until('text.delta');
    watched.run.send('SCENARIO:recall');
    await watched.run.interrupt();
    const finished = await watched.finished();
    const turns = eventsOf(finished.events, 'turn.finished');
    expect(turns.map(({ outcome }) => outcome.kind)).toEqual(['interrupted', 'success']);
    expect(eventsOf(finished.events, 'text')[0]?.text).toMatch(/^(word )+$/);
  });

  it('waits for a subagent that works in the background, and for the turn in which it reports', async () => {
    const finished = await bench.run('SCENARIO:background');
    expect(resultsOf(finished)).toEqual(['Delegated.', 'The subagent has reported.']);
    expect(finished.end.outcome).toEqual({ kind: 'success' });
  });
});

const letGo = (workspaceDir: string): Promise<void> => writeFile(join(workspaceDir, 'go'), '');
