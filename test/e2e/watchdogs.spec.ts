import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startOfflineModel, type OfflineModel } from '@app/engines';
import { isTerminalEvent } from '@app/contracts';
import { ofType, runProcesses, Service, SET_UPS } from '../support/index.js';

jest.setTimeout(60_000);

describe.each(SET_UPS)('a task that goes on for too long, on $name', ({ environment }) => {
  let model: OfflineModel;
  let service: Service;

  beforeAll(async () => {
    model = await startOfflineModel();
    service = await Service.start({
      ...(await environment()),
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: model.apiKey,
    });
  });

  afterAll(async () => {
    await model.close();
    await service.end();
  });

  it.each([
    ['says nothing', 'SCENARIO:hang', { idle_seconds: 2 }, 'idle_timeout'],
    ['has a tool that never ends', 'SCENARIO:bash[tail -f /dev/null]', { idle_seconds: 2 }, 'idle_timeout'],
    ['never comes to an end', 'SCENARIO:slow[600]', { timeout_seconds: 3 }, 'timeout'],
  ])('fails when it %s, and its processes are gone', async (_what, prompt, limits, reason) => {
    const { task_id } = await service.submit({ prompt, agent: 'executor', limits });
    const task = await service.finished(task_id);
    expect(runProcesses(service.dataDir)).toEqual([]);
    expect(task).toMatchObject({ status: 'FAILED', status_reason: reason, attempt: 1, deferrals: 0 });
    const events = await service.events(task_id);
    expect(events.filter(({ type }) => isTerminalEvent(type))).toHaveLength(1);
    expect(ofType(events, 'task.failed').at(-1)?.data).toMatchObject({
      reason,
      title: expect.any(String),
      remedy: expect.any(String),
      retryable: true,
    });
  });

  it('is patient with a tool for four times the limit', async () => {
    const { task_id } = await service.submit({
      prompt: 'SCENARIO:bash[timeout 4 tail -f /dev/null]',
      agent: 'executor',
      limits: { idle_seconds: 2 },
    });
    expect(await service.finished(task_id)).toMatchObject({ status: 'COMPLETED' });
  });
});
