import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { countJobs } from '../../faults/harness/count-jobs.js';
import {
  createRedisNamespace,
  createTestDatabase,
  SCRIPTED_SERVICE,
  Service,
  waitFor,
} from '../../support/index.js';
import { runBackup } from './backup-commands.js';

jest.setTimeout(120_000);

const AT_REST = { waiting: 0, active: 0, delayed: 0 };

/** R40: Redis goes on where the database went back, so its bells ring for what is not there, or is otherwise again. */
describe('a restore beside a Redis that lives on', () => {
  let service: Service;
  let env: Record<string, string>;
  let backupId: string;
  let before: string[];
  let after: string[];

  const submit = (count: number): Promise<string[]> =>
    Promise.all(
      Array.from({ length: count }, async () => (await service.submit({ prompt: 'ok:3' })).task_id),
    );

  beforeAll(async () => {
    const databaseUrl = (await createTestDatabase()).url;
    env = {
      DATABASE_URL: databaseUrl,
      REDIS_URL: (await createRedisNamespace()).url,
      ANTHROPIC_API_KEY: 'sk-ant-api03-scripted',
    };
    service = await Service.start(env, { program: SCRIPTED_SERVICE });
    // Nobody takes what is submitted.
    await service.end();
    await service.launch({ ROLE: 'api' });
    before = await submit(6);
    const { body } = await service.call('POST', '/api/storage/backups');
    backupId = (body as { backup_id: string }).backup_id;
    await waitFor(
      async () => {
        const { body: seen } = await service.call('GET', `/api/storage/backups/${backupId}`);
        return (seen as { status: string }).status === 'complete';
      },
      { timeoutMs: 30_000, what: 'the backup to be made' },
    );
    after = await submit(4);
    await service.call('POST', `/api/tasks/${before[0]}/cancel`);
    await service.taskIn(before[0] ?? '', ['CANCELLED']);
    await waitFor(async () => (await countJobs(env.REDIS_URL ?? '')).waiting === 10, {
      what: 'all bells to be in Redis',
    });
    await service.end();
  });
  afterAll(() => service.end());

  it('runs what the backup knows once, and nothing that it does not know', async () => {
    const restored = await runBackup(['restore', backupId, '--yes'], { ...env, DATA_DIR: service.dataDir });
    expect(restored.output).toContain(`Restored ${backupId}`);
    expect(await countJobs(env.REDIS_URL ?? '')).toMatchObject({ waiting: 10 });

    await service.launch({ ROLE: 'all' });
    for (const id of before) {
      expect(await service.finished(id, 60_000)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
      const events = await service.events(id);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      expect(events.filter(({ type }) => type === 'task.started')).toHaveLength(1);
    }
    for (const id of after) expect((await service.call('GET', `/api/tasks/${id}`)).status).toBe(404);
    await waitFor(
      async () => JSON.stringify(await countJobs(env.REDIS_URL ?? '')) === JSON.stringify(AT_REST),
      {
        what: 'no bell to be left',
      },
    );
    const { body } = await service.call('GET', '/api/tasks?limit=200');
    expect((body as { items: unknown[] }).items).toHaveLength(before.length);
  });

  it('takes new tasks afterwards', async () => {
    const { task_id: id } = await service.submit({ prompt: 'ok:2' });
    expect(await service.finished(id)).toMatchObject({ status: 'COMPLETED' });
  });
});
