import { expect, jest } from '@jest/globals';
import { SCRIPTED_SERVICE, Service, ofType, waitFor, type TaskShape } from '../index.js';
import { onBothSetUps } from '../on-both-set-ups.js';

jest.setTimeout(120_000);

async function run(service: Service, prompt: string): Promise<TaskShape> {
  return service.finished((await service.submit({ prompt })).task_id);
}

onBothSetUps<Service>('the service with the scripted engine', {
  open: async ({ environment }) =>
    Service.start(
      { ANTHROPIC_API_KEY: 'sk-ant-api03-scripted', LEASE_SECONDS: '4', ...(await environment()) },
      { program: SCRIPTED_SERVICE },
    ),
  close: async (service) => void (await service.end()),
  cases: {
    'stores each of the N events of ok:N, numbered without a gap': async (service) => {
      const task = await run(service, 'ok:20\nand padding');
      expect(task).toMatchObject({ status: 'COMPLETED', result: '20 events', output_tokens: 20 });
      const events = await service.events(task.task_id);
      expect(ofType(events, 'task.output')).toHaveLength(20);
      expect(events.map((event) => event.seq)).toEqual(events.map((_event, index) => index + 1));
    },

    'takes as long as slow:N@R says': async (service) => {
      const task = await run(service, 'slow:5@50');
      expect(task).toMatchObject({ status: 'COMPLETED', result: '5 events' });
      const at = ofType(await service.events(task.task_id), 'task.output').map((event) =>
        Date.parse(event.at),
      );
      expect(at).toHaveLength(5);
      expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(70);
    },

    'joins a flood': async (service) => {
      const task = await run(service, 'flood:1');
      const output = ofType(await service.events(task.task_id), 'task.output');
      expect(output.reduce((total, event) => total + event.data.text.length, 0)).toBe(1024 * 1024);
    },

    'fails as the script says': async (service) => {
      expect(await run(service, 'fail:auth_failed')).toMatchObject({
        status: 'FAILED',
        status_reason: 'auth_failed',
      });
      expect(await run(service, 'no mode at all')).toMatchObject({
        status: 'FAILED',
        status_reason: 'invalid_request',
      });
    },

    'hangs until it is cancelled': async (service) => {
      const { task_id } = await service.submit({ prompt: 'hang' });
      await service.taskIn(task_id, ['RUNNING']);
      await service.call('POST', `/api/tasks/${task_id}/cancel`);
      expect(await service.finished(task_id)).toMatchObject({ status: 'CANCELLED' });
    },

    'kills its host at the crash, and ends on the second attempt when it is to crash once': async (
      service,
    ) => {
      const { pid } = service;
      const { task_id } = await service.submit({ prompt: 'crash-once:4', max_attempts: 2 });
      await waitFor(() => !isAlive(pid), { what: 'the service to die' });
      await service.launch();
      expect(await service.finished(task_id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    },
  },
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
