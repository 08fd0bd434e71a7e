import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventsOf, openBench } from './bench-of-runs.js';
import type { Bench } from './bench-of-runs.js';

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

describe('a tool call that needs a decision', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const ask = { permissionMode: 'default', allowedTools: [] } as const;

  it('is done once it is allowed', async () => {
    const watched = await bench.start('SCENARIO:write[note.txt]', { ...ask, allowedTools: [] });
    const request = await watched.until('permission.requested');
    expect(request).toMatchObject({ tool: 'Write', input: { content: 'content 1\n' } });
    expect(await exists(join(watched.spec.workspaceDir, 'note.txt'))).toBe(false);
    expect(watched.run.respond(request.id, { behavior: 'allow' })).toBe(true);
    expect(watched.run.respond(request.id, { behavior: 'allow' })).toBe(false);
    const { end } = await watched.finished();
    expect(end.outcome).toEqual({ kind: 'success' });
    expect(await exists(join(watched.spec.workspaceDir, 'note.txt'))).toBe(true);
  });

  it('is not done when it is denied, and the model is told why', async () => {
    const watched = await bench.start('SCENARIO:write[note.txt]', { ...ask, allowedTools: [] });
    const request = await watched.until('permission.requested');
    watched.run.respond(request.id, { behavior: 'deny', message: 'Not on a Friday.' });
    const { events, workspaceDir } = await watched.finished();
    expect(eventsOf(events, 'permission.resolved')).toMatchObject([{ id: request.id, behavior: 'deny' }]);
    const [finished] = eventsOf(events, 'tool.finished');
    expect(finished).toMatchObject({ isError: true, output: expect.stringContaining('Not on a Friday.') });
    expect(await exists(join(workspaceDir, 'note.txt'))).toBe(false);
  });

  it('can be a question to a person, answered with a changed input', async () => {
    const watched = await bench.start('SCENARIO:ask', { ...ask, allowedTools: [] });
    const { id, tool, input } = await watched.until('permission.requested');
    expect(tool).toBe('AskUserQuestion');
    watched.run.respond(id, { behavior: 'allow', input: { ...input, answers: { 'Which color?': 'Blue' } } });
    const { events } = await watched.finished();
    expect(eventsOf(events, 'tool.finished')[0]?.output).toContain('Blue');
  });

  it('is withdrawn when the run is stopped', async () => {
    const watched = await bench.start('SCENARIO:write[note.txt]', { ...ask, allowedTools: [] });
    const request = await watched.until('permission.requested');
    await watched.run.stop();
    const { end, events } = await watched.finished();
    expect(end.outcome).toEqual({ kind: 'interrupted' });
    expect(eventsOf(events, 'permission.resolved')).toMatchObject([{ id: request.id, behavior: 'deny' }]);
    expect(watched.run.respond(request.id, { behavior: 'allow' })).toBe(false);
  });
});
