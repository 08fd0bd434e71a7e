import { cp, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ImportReport } from '@app/imports';
import { Program, SCRIPTED_SERVICE, Service, SET_UPS, tempDataDir } from '../../support/index.js';
import { oldSystem, runSql } from './old-system.js';

jest.setTimeout(120_000);

let old: string;
beforeEach(async () => {
  old = await oldSystem();
});

async function runImport(
  environment: Record<string, string>,
  folder = old,
): Promise<{ code: number | null; output: string; report: ImportReport }> {
  const program = Program.spawn(['dist/apps/cli/src/main.js', 'import', folder, '--json'], environment);
  const code = await program.finished();
  return {
    code,
    output: program.log,
    report: code === 0 ? (JSON.parse(program.log) as ImportReport) : NOTHING,
  };
}
const NOTHING = {} as ImportReport;

describe.each(SET_UPS)('importing the earlier system: $name', ({ environment }) => {
  let env: Record<string, string>;
  let service: Service | undefined;

  beforeEach(async () => {
    env = {
      ...(await environment()),
      DATA_DIR: await tempDataDir(),
      LOG_LEVEL: 'warn',
      ANTHROPIC_API_KEY: 'sk-ant-api03-scripted',
    };
  });
  afterEach(async () => {
    await service?.end();
    service = undefined;
  });

  it('takes over sessions, tasks, output and costs, and the service shows them', async () => {
    const { code, output, report } = await runImport(env);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(report).toMatchObject({
      sessions: { imported: 2, present: 0, skipped: [] },
      tasks: { imported: 4, present: 0, skipped: [{ why: 'its id is missing or too long' }] },
      cost_usd: 0.75,
    });
    service = await Service.start(env, { program: SCRIPTED_SERVICE });
    const done = (await service.call('GET', '/api/tasks/task-done')).body as object;
    expect(done).toMatchObject({
      status: 'COMPLETED',
      session_id: 'session-1',
      agent: 'planning',
      prompt: 'Make a plan.',
      result: 'the plan',
      source: 'dashboard',
      metadata: { ticket: 'A-1', imported: { user_id: 'user-1' } },
      created_at: '2025-12-01T10:01:00.500Z',
      completed_at: '2025-12-01T10:02:00.000Z',
      cost_usd: 0.5,
      input_tokens: 1200,
      flow_id: 'flow-1',
    });
    const events = await service.events('task-done');
    expect(events.map(({ seq, type }) => `${seq} ${type}`)).toEqual(['1 task.message', '2 task.completed']);
    expect(events[0]?.data).toMatchObject({ text: 'First line\nthe plan' });
    expect(await service.task('task-failed')).toMatchObject({ status: 'FAILED', error: 'it broke' });
    expect((await service.call('GET', '/api/sessions/session-1')).body).toMatchObject({
      status: 'ENDED',
      total_tasks: 3,
      total_cost_usd: 0.75,
      created_at: '2025-12-01T10:00:00.123Z',
    });
  });

  it('runs nothing that was unfinished, and keeps what it cannot read from getting in the way', async () => {
    const { report } = await runImport(env);
    expect(report.notes.join('\n')).toContain('Tasks that had not ended in the earlier system: 1.');
    service = await Service.start(env, { program: SCRIPTED_SERVICE });
    const running = await service.task('task-running');
    expect(running).toMatchObject({ status: 'CANCELLED', attempt: 1 });
    expect(running.error).toContain('submit it anew');
    expect(await service.task('task-lost')).toMatchObject({
      status: 'CANCELLED',
      session_id: null,
      cost_usd: 0,
      metadata: { imported: { session_id: 'session-gone' } },
    });
    // A session goes on with a new conversation.
    const next = await service.submit({ prompt: 'ok:3', session_id: 'session-2' });
    expect((await service.finished(next.task_id)).status).toBe('COMPLETED');
  });

  it('can be run again: what is there stays, what is new comes', async () => {
    await runImport(env);
    await runSql(
      join(old, 'db', 'machine.db'),
      "INSERT INTO tasks (task_id, status, cost_usd) VALUES ('task-new', 'completed', 1)",
    );
    const { report } = await runImport(env);
    expect(report).toMatchObject({
      sessions: { imported: 0, present: 2 },
      tasks: { imported: 1, present: 4 },
      agents: { imported: 0, present: 2 },
      skills: { imported: 0, present: 1 },
      webhooks: { imported: 0, present: 1 },
      cost_usd: 1,
    });
  });

  it('is refused while the service works on the data', async () => {
    service = await Service.start(env, { program: SCRIPTED_SERVICE });
    const { code, output } = await runImport({ ...env, DATA_DIR: service.dataDir });
    expect(code).toBe(1);
    expect(output).toContain('Stop it');
  });
});

describe('importing agents, skills and webhooks', () => {
  it('checks and converts them, says what was left out, and leaves the old folder as it was', async () => {
    const copy = await tempDataDir('before');
    await cp(old, copy, { recursive: true });
    const dataDir = await tempDataDir();
    const { report } = await runImport({ DATA_DIR: dataDir });
    expect(report.agents).toMatchObject({ imported: 2, skipped: [{ name: 'broken' }] });
    expect(report.skills.imported).toBe(1);
    expect(report.webhooks).toMatchObject({
      imported: 1,
      skipped: [{ name: 'jira.json', why: 'it is not JSON' }],
    });
    expect(await readFile(join(dataDir, 'config', 'agents', 'code-helper', 'CLAUDE.md'), 'utf8')).toBe(
      '---\ndescription: Helps with code. In two lines.\nallowed_tools: Read, Grep\n---\n\nYou help with code.\n',
    );
    expect(report.notes.join('\n')).toContain('code-helper lost color');
    expect((await stat(join(dataDir, 'config', 'webhooks', 'github.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(dataDir, 'cache'))).not.toContainEqual(expect.stringContaining('import-'));
    const names = await readdir(old, { recursive: true });
    expect(names.sort()).toEqual((await readdir(copy, { recursive: true })).sort());

    const service = await Service.start({ DATA_DIR: dataDir }, { program: SCRIPTED_SERVICE });
    expect((await service.call('GET', '/api/agents/code-helper/resolution')).body).toMatchObject({
      source: 'user',
      settings: { allowed_tools: ['Read', 'Grep'] },
    });
    expect((await service.call('GET', '/api/agents/house-rules/versions')).text).toContain(
      'imported from the earlier system',
    );
    await service.end();
  });

  it('says what it looked for when the folder holds nothing of that system', async () => {
    const { code, output } = await runImport({ DATA_DIR: await tempDataDir() }, await tempDataDir('empty'));
    expect(code).toBe(1);
    expect(output).toContain('no machine.db or db/machine.db');
    expect(output).not.toContain('    at ');
  });
});
