import { expect, jest } from '@jest/globals';
import type { TaskEventType } from '@app/contracts';
import { startOfflineModel, type OfflineModel } from '@app/engines';
import { ofType, runProcesses, Service, waitFor } from '../support/index.js';
import { onBothSetUps } from '../support/on-both-set-ups.js';

jest.setTimeout(90_000);

interface Bench {
  model: OfflineModel;
  service: Service;
}

/** The task is cancelled when that event is seen. */
function cancelledIn(prompt: string, seen: TaskEventType): (bench: Bench) => Promise<void> {
  return async ({ service }) => {
    const { task_id } = await service.submit({ prompt, agent: 'executor' });
    await waitFor(async () => ofType(await service.events(task_id), seen)[0], { timeoutMs: 20_000 });
    expect((await service.call('POST', `/api/tasks/${task_id}/cancel`)).status).toBe(202);
    const task = await service.finished(task_id);
    expect(runProcesses(service.dataDir)).toEqual([]);
    expect(task).toMatchObject({ status: 'CANCELLED', status_reason: 'cancelled_by_user' });
    const again = await service.call('POST', `/api/tasks/${task_id}/cancel`);
    expect(again).toMatchObject({ status: 409, body: { code: 'ALREADY_TERMINAL' } });
  };
}

onBothSetUps<Bench>('a task', {
  open: async ({ environment }) => {
    const model = await startOfflineModel();
    const service = await Service.start({
      ...(await environment()),
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: model.apiKey,
      LEASE_SECONDS: '4',
    });
    return { model, service };
  },
  close: async ({ model, service }) => {
    await model.close();
    await service.end();
  },
  cases: {
    'runs on Claude Code with real tools, and a watcher sees each event once and in order': async ({
      service,
    }) => {
      const { socket, received } = await service.watcher();
      const session = (await service.call('POST', '/api/sessions', { title: 'watched' })).body as {
        session_id: string;
      };
      await socket.emitWithAck('session.watch', { session_id: session.session_id });
      const { task_id } = await service.submit({
        prompt: 'SCENARIO:tooluse please',
        agent: 'executor',
        session_id: session.session_id,
      });
      const task = await service.finished(task_id);
      expect(task).toMatchObject({
        status: 'COMPLETED',
        result: 'Done: hello.txt written and listed.',
        agent: 'executor',
      });
      await waitFor(() => received.at(-1)?.type === 'task.completed', { what: 'the last event' });
      expect(received.map(({ seq }) => seq)).toEqual(received.map((_event, index) => index + 1));
      expect(received).toEqual(await service.events(task_id));
      expect(ofType(received, 'task.tool_finished').map(({ data }) => data.is_error)).toEqual([false, false]);
      expect(ofType(received, 'task.tool_finished')[1]?.data.output).toContain('hello world');
      expect(task.cost_usd).toBeGreaterThan(0);
      expect(task.output_tokens).toBeGreaterThan(0);
      socket.disconnect();
    },

    'streams deltas whose concatenation is the message that replaces them': async ({ service }) => {
      const { task_id } = await service.submit({ prompt: 'SCENARIO:deltas[60@200]' });
      await service.finished(task_id);
      const events = await service.events(task_id);
      const [message] = ofType(events, 'task.message');
      const deltas = ofType(events, 'task.output').filter(
        ({ data }) => data.message_id === message?.data.message_id,
      );
      expect(deltas.length).toBeGreaterThan(1);
      expect(deltas.map(({ data }) => data.text).join('')).toBe(message?.data.text);
    },

    'goes on with the conversation of its session, also after the service was killed': async ({
      service,
    }) => {
      const first = await service.submit({ prompt: 'My number is 7341.' });
      await service.finished(first.task_id);
      await service.end('SIGKILL');
      await service.launch();
      const second = await service.submit({ prompt: 'SCENARIO:recall', session_id: first.session_id });
      expect((await service.finished(second.task_id)).result).toContain('My number is 7341.');
      expect(await service.task(first.task_id)).toMatchObject({ status: 'COMPLETED' });
      expect((await service.events(first.task_id)).at(-1)?.type).toBe('task.completed');
    },

    'waits for the earlier task of its session, while other sessions go on': async ({ service }) => {
      const first = await service.submit({ prompt: 'SCENARIO:slow[15]' });
      const second = await service.submit({ prompt: 'SCENARIO:plain', session_id: first.session_id });
      const other = await service.submit({ prompt: 'SCENARIO:plain' });
      await service.finished(other.task_id);
      await service.finished(second.task_id);
      const at = async (taskId: string, type: string) =>
        (await service.events(taskId)).find((event) => event.type === type)?.at ?? '';
      expect((await at(second.task_id, 'task.started')) > (await at(first.task_id, 'task.completed'))).toBe(
        true,
      );
      expect((await at(other.task_id, 'task.started')) < (await at(first.task_id, 'task.completed'))).toBe(
        true,
      );
    },

    'is cancelled in the middle of a tool, and no process is left when it says so': cancelledIn(
      'SCENARIO:bash[tail -f /dev/null]',
      'task.tool_started',
    ),
    'is cancelled in the middle of a stream, and no process is left when it says so': cancelledIn(
      'SCENARIO:slow[600]',
      'task.output',
    ),
    'is cancelled in the middle of its start, and no process is left when it says so': cancelledIn(
      'SCENARIO:slow[600]',
      'task.started',
    ),

    'is cancelled at once while it is queued': async ({ service }) => {
      const first = await service.submit({ prompt: 'SCENARIO:slow[20]' });
      const second = await service.submit({ prompt: 'SCENARIO:plain', session_id: first.session_id });
      const { body } = await service.call('POST', `/api/tasks/${second.task_id}/cancel`);
      expect(body).toMatchObject({ status: 'CANCELLED', attempt: 0 });
      await service.call('POST', `/api/tasks/${first.task_id}/cancel`);
      await service.finished(first.task_id);
    },

    'takes a message while it runs': async ({ service }) => {
      const { task_id } = await service.submit({ prompt: 'SCENARIO:slow[20]' });
      await waitFor(async () => ofType(await service.events(task_id), 'task.output')[0], {
        timeoutMs: 20_000,
      });
      const given = await service.call('POST', `/api/tasks/${task_id}/input`, {
        text: 'SCENARIO:echo and this too',
      });
      expect(given.status).toBe(202);
      expect((await service.finished(task_id)).result).toContain('and this too');
    },

    'takes a message that comes before Claude Code has begun to work': async ({ service }) => {
      const { task_id } = await service.submit({ prompt: 'SCENARIO:slow[20]' });
      const body = { text: 'SCENARIO:echo and this at once' };
      await waitFor(
        async () => (await service.call('POST', `/api/tasks/${task_id}/input`, body)).status === 202,
        { intervalMs: 1, what: 'the task to run' },
      );
      const task = await service.finished(task_id);
      expect(task.result).toContain('and this at once');
      const events = await service.events(task_id);
      const [said] = ofType(events, 'task.input');
      const [first] = ofType(events, 'task.output');
      expect(said?.seq).toBeLessThan(first?.seq ?? 0);
    },

    'is run again, with its conversation, when its worker is killed in the middle of a tool': async ({
      service,
    }) => {
      const { task_id } = await service.submit({
        prompt: 'SCENARIO:bash[tail -f /dev/null]',
        agent: 'executor',
        max_attempts: 2,
      });
      await waitFor(async () => ofType(await service.events(task_id), 'task.tool_started')[0], {
        timeoutMs: 20_000,
      });
      await service.end('SIGKILL');
      await service.launch();
      await waitFor(async () => ofType(await service.events(task_id), 'task.started')[1], {
        timeoutMs: 20_000,
      });
      const starts = ofType(await service.events(task_id), 'task.started');
      expect(starts.map(({ data }) => [data.attempt, data.resumed, data.resume_reason])).toEqual([
        [1, false, undefined],
        [2, true, 'worker_lost'],
      ]);
      expect(starts[1]?.data.title).toBe(
        'Goes on with its conversation, because the worker that ran the task was lost',
      );
      expect(ofType(await service.events(task_id), 'task.queued').at(-1)?.data.reason).toBe('worker_lost');
      await service.call('POST', `/api/tasks/${task_id}/cancel`);
      await service.finished(task_id);
      const events = await service.events(task_id);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
    },

    'is not run again, by an agent that may change things elsewhere, when its worker is killed': async ({
      service,
    }) => {
      const { task_id } = await service.submit({
        prompt: 'SCENARIO:bash[tail -f /dev/null]',
        agent: 'executor',
      });
      await waitFor(async () => ofType(await service.events(task_id), 'task.tool_started')[0], {
        timeoutMs: 20_000,
      });
      await service.end('SIGKILL');
      await service.launch();
      expect(await service.finished(task_id)).toMatchObject({
        status: 'FAILED',
        status_reason: 'worker_lost',
        attempt: 1,
        max_attempts: 1,
      });
    },

    'is handed back by a shutdown that cannot wait for it, and goes on at the next start': async ({
      service,
    }) => {
      await service.end();
      await service.launch({ SHUTDOWN_GRACE_SECONDS: '0' });
      const { task_id } = await service.submit({ prompt: 'SCENARIO:slow[40]' });
      await waitFor(async () => ofType(await service.events(task_id), 'task.output')[0], {
        timeoutMs: 20_000,
      });
      await service.call('POST', `/api/tasks/${task_id}/input`, { text: 'SCENARIO:echo and this too' });
      await service.end('SIGTERM');
      expect(runProcesses(service.dataDir)).toEqual([]);
      await service.launch();
      const task = await service.finished(task_id);
      expect(task).toMatchObject({ status: 'COMPLETED', attempt: 1 });
      // The message that the first run did not come to read is not lost.
      expect(task.result).toContain('and this too');
      const events = await service.events(task_id);
      expect(ofType(events, 'task.queued').map(({ data }) => data.reason)).toEqual([
        undefined,
        'worker_shutdown',
      ]);
      expect(
        ofType(events, 'task.started').map(({ data }) => [data.attempt, data.resumed, data.resume_reason]),
      ).toEqual([
        [1, false, undefined],
        [1, true, 'worker_shutdown'],
      ]);
    },

    'comes back to a watcher that reconnects, from the place it had, without a gap or a repeat': async ({
      service,
    }) => {
      const { task_id } = await service.submit({ prompt: 'SCENARIO:deltas[200@200]' });
      const { socket, received } = await service.watcher();
      await socket.emitWithAck('task.watch', { task_id, after_seq: 0 });
      await waitFor(() => received.length > 5, { timeoutMs: 20_000 });
      socket.disconnect();
      const place = received.at(-1)?.seq ?? 0;
      const later = await service.watcher();
      await later.socket.emitWithAck('task.watch', { task_id, after_seq: place });
      await waitFor(() => later.received.at(-1)?.type === 'task.completed', { timeoutMs: 20_000 });
      later.socket.disconnect();
      expect([...received, ...later.received]).toEqual(await service.events(task_id));
    },

    'is streamed by Server-Sent Events up to its end': async ({ service }) => {
      const { task_id } = await service.submit({ prompt: 'SCENARIO:plain' });
      const { text } = await service.call('GET', `/api/tasks/${task_id}/stream`);
      const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
      expect(ids).toEqual((await service.events(task_id)).map(({ seq }) => seq));
      expect(text).toContain('event: task.completed');
      const rest = await service.call('GET', `/api/tasks/${task_id}/stream`, undefined, {
        'Last-Event-ID': String(ids.at(-2)),
      });
      expect([...rest.text.matchAll(/^id: (\d+)$/gm)]).toHaveLength(1);
    },

    'is made once for one idempotency key': async ({ service }) => {
      const wish = { prompt: 'SCENARIO:plain' };
      const key = { 'Idempotency-Key': `same-${service.port}` };
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => service.call('POST', '/api/tasks', wish, key)),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
      expect(new Set(answers.map(({ body }) => (body as { task_id: string }).task_id)).size).toBe(1);
      const other = await service.call('POST', '/api/tasks', { prompt: 'another' }, key);
      expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_CONFLICT' } });
    },

    'records who watched a session': async ({ service }) => {
      const { socket } = await service.watcher();
      const session = (await service.call('POST', '/api/sessions', {})).body as { session_id: string };
      await socket.emitWithAck('session.watch', { session_id: session.session_id });
      socket.disconnect();
      const path = `/api/sessions/${session.session_id}/connections`;
      const connection = await waitFor(async () => {
        const { items } = (await service.call('GET', path)).body as {
          items: { disconnected_at: string | null }[];
        };
        return items[0]?.disconnected_at ? items[0] : null;
      });
      expect(connection).toMatchObject({ transport: 'websocket' });
    },
  },
});
