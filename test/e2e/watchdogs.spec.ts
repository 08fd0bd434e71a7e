import { expect, jest } from '@jest/globals';
import { startOfflineModel, type OfflineModel } from '@app/engines';
import { isTerminalEvent } from '@app/contracts';
import { ofType, runProcesses, Service } from '../support/index.js';
import { onBothSetUps } from '../support/on-both-set-ups.js';

jest.setTimeout(60_000);

interface Bench {
  model: OfflineModel;
  service: Service;
}

/** The task fails for that reason, and its processes are gone by then. */
function failsFor(reason: string, prompt: string, limits: object): (bench: Bench) => Promise<void> {
  return async ({ service }) => {
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
  };
}

onBothSetUps<Bench>('a task that goes on for too long', {
  open: async ({ environment }) => {
    const model = await startOfflineModel();
    const service = await Service.start({
      ...(await environment()),
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: model.apiKey,
    });
    return { model, service };
  },
  close: async ({ model, service }) => {
    await model.close();
    await service.end();
  },
  cases: {
    'fails when it says nothing, and its processes are gone': failsFor('idle_timeout', 'SCENARIO:hang', {
      idle_seconds: 2,
    }),
    'fails when it has a tool that never ends, and its processes are gone': failsFor(
      'idle_timeout',
      'SCENARIO:bash[tail -f /dev/null]',
      { idle_seconds: 2 },
    ),
    'fails when it never comes to an end, and its processes are gone': failsFor(
      'timeout',
      'SCENARIO:slow[600]',
      { timeout_seconds: 3 },
    ),

    'is patient with a tool for four times the limit': async ({ service }) => {
      const { task_id } = await service.submit({
        prompt: 'SCENARIO:bash[timeout 4 tail -f /dev/null]',
        agent: 'executor',
        limits: { idle_seconds: 2 },
      });
      expect(await service.finished(task_id)).toMatchObject({ status: 'COMPLETED' });
    },
  },
});
