import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SCRIPTED_SERVICE, Service, SET_UPS, ofType, waitFor } from '../index.js';

jest.setTimeout(30_000);

describe.each(SET_UPS)('the service with the scripted engine on $name', ({ environment }) => {
  let service: Service;

  beforeAll(async () => {
    service = await Service.start(
      { ANTHROPIC_API_KEY: 'sk-ant-api03-scripted', LEASE_SECONDS: '4', ...(await environment()) },
      { program: SCRIPTED_SERVICE },
    );
  }, 120_000);
  afterAll(() => service.end());

  const run = async (prompt: string) => service.finished((await service.submit({ prompt })).task_id);

  it('stores each of the N events of ok:N, numbered without a gap', async () => {
    const task = await run('ok:20\nand padding');
    expect(task).toMatchObject({ status: 'COMPLETED', result: '20 events', output_tokens: 20 });
    const events = await service.events(task.task_id);
    expect(ofType(events, 'task.output')).toHaveLength(20);
    expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => index + 1));
  });

  it('takes as long as slow:N@R says', async () => {
    const task = await run('slow:5@50');
    expect(task).toMatchObject({ status: 'COMPLETED', result: '5 events' });
    const at = ofType(await service.events(task.task_id), 'task.output').map((event) => Date.parse(event.at));
    expect(at).toHaveLength(5);
    expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(70);
  });

  it('joins a flood', async () => {
    const task = await run('flood:1');
    const output = ofType(await service.events(task.task_id), 'task.output');
    expect(output.reduce((total, event) => total + event.data.text.length, 0)).toBe(1024 * 1024);
  });

  it('fails as the script says', async () => {
    expect(await run('fail:auth_failed')).toMatchObject({ status: 'FAILED', status_reason: 'auth_failed' });
    expect(await run('no mode at all')).toMatchObject({ status: 'FAILED', status_reason: 'invalid_request' });
  });

  it('hangs until it is cancelled', async () => {
    const { task_id } = await service.submit({ prompt: 'hang' });
    await service.taskIn(task_id, ['RUNNING']);
    await service.call('POST', `/api/tasks/${task_id}/cancel`);
    expect(await service.finished(task_id)).toMatchObject({ status: 'CANCELLED' });
  });

  it('kills its host at the crash, and ends on the second attempt when it is to crash once', async () => {
    const { pid } = service;
    const { task_id } = await service.submit({ prompt: 'crash-once:4', max_attempts: 2 });
    await waitFor(() => !isAlive(pid), { what: 'the service to die' });
    await service.launch();
    expect(await service.finished(task_id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  }, 120_000);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
