import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startOfflineModel, type OfflineModel } from '@app/engines';
import { ofType, Service } from '../support/index.js';

jest.setTimeout(60_000);

describe('what is refused says why and what to do', () => {
  let model: OfflineModel;
  let service: Service;

  beforeAll(async () => {
    model = await startOfflineModel();
    service = await Service.start({ ANTHROPIC_BASE_URL: model.url });
  });

  afterAll(async () => {
    // The model first: it must close even when the service could not be started.
    await model.close();
    await service.end();
  });

  it('a task without any credential fails with the remedy, and runs once a key is stored', async () => {
    const { task_id } = await service.submit({ prompt: 'SCENARIO:plain' });
    expect(await service.finished(task_id)).toMatchObject({
      status: 'FAILED',
      status_reason: 'credentials_missing',
    });
    const [failed] = ofType(await service.events(task_id), 'task.failed');
    expect(failed?.data).toMatchObject({
      retryable: true,
      remedy: expect.stringContaining('POST /api/credentials'),
    });
    await service.call('POST', '/api/credentials', { api_key: 'sk-ant-offline-model-demo-key' });
    const retried = (await service.call('POST', `/api/tasks/${task_id}/retry`)).body as { task_id: string };
    expect(await service.finished(retried.task_id)).toMatchObject({ status: 'COMPLETED' });
    await service.end('SIGKILL');
    await service.launch();
    const { items } = (await service.call('GET', '/api/credentials')).body as { items: object[] };
    expect(items).toMatchObject([{ provider: 'claude', masked: '…-key' }]);
  });

  it('a wrong key fails the task within five seconds, and the session can go on with a right one', async () => {
    await service.call('POST', '/api/credentials', { api_key: 'sk-ant-invalid-0123456789' });
    const { task_id, session_id } = await service.submit({ prompt: 'SCENARIO:plain' });
    const task = await service.finished(task_id, 5000);
    expect(task).toMatchObject({ status: 'FAILED', status_reason: 'auth_failed' });
    await service.call('POST', '/api/credentials', { api_key: 'sk-ant-offline-model-demo-key' });
    const next = await service.submit({ prompt: 'SCENARIO:plain', session_id });
    expect(await service.finished(next.task_id)).toMatchObject({ status: 'COMPLETED' });
  });

  it.each([
    ['an unknown agent', { prompt: 'x', agent: 'nobody' }, 404, 'AGENT_NOT_FOUND'],
    ['an unknown session', { prompt: 'x', session_id: 'nothing' }, 404, 'SESSION_NOT_FOUND'],
    ['an empty prompt', { prompt: '' }, 400, 'VALIDATION_FAILED'],
    ['a blank prompt', { prompt: ' \n ' }, 400, 'VALIDATION_FAILED'],
    ['no prompt', {}, 400, 'VALIDATION_FAILED'],
    ['an over-long prompt', { prompt: 'x'.repeat(1_000_001) }, 413, 'PAYLOAD_TOO_LARGE'],
    ['an unknown field', { prompt: 'x', promt: 'y' }, 400, 'VALIDATION_FAILED'],
    ['an unknown limit', { prompt: 'x', limits: { max_tokens: 1 } }, 400, 'VALIDATION_FAILED'],
    [
      'a session id that is an option',
      { prompt: 'x', session_id: '--mcp-config=x' },
      400,
      'VALIDATION_FAILED',
    ],
    ['a model with odd characters', { prompt: 'x', model: '--x y' }, 400, 'VALIDATION_FAILED'],
    ['an agent name that is a path', { prompt: 'x', agent: '../x' }, 400, 'VALIDATION_FAILED'],
    ['a priority out of range', { prompt: 'x', priority: 101 }, 400, 'VALIDATION_FAILED'],
    ['broken JSON', '{"prompt": ', 400, 'INVALID_JSON'],
  ])('%s', async (_name, body, status, code) => {
    const answer = await service.call('POST', '/api/tasks', body);
    expect(answer).toMatchObject({ status, body: { statusCode: status, code, message: expect.any(String) } });
  });

  it.each([
    ['/api/tasks?limit=1000000000', 400, 'VALIDATION_FAILED'],
    ['/api/tasks?cursor=nonsense', 400, 'BAD_CURSOR'],
    ['/api/tasks?status=DONE', 400, 'VALIDATION_FAILED'],
    ['/api/tasks?sort=;drop', 400, 'VALIDATION_FAILED'],
    ['/api/tasks/none', 404, 'TASK_NOT_FOUND'],
    ['/api/sessions/none', 404, 'SESSION_NOT_FOUND'],
    ['/api/agents/none', 404, 'AGENT_NOT_FOUND'],
  ])('GET %s', async (path, status, code) => {
    expect(await service.call('GET', path)).toMatchObject({ status, body: { code } });
  });

  it('a message for a task that does not run is refused and leaves its log alone', async () => {
    const { task_id } = await service.submit({ prompt: 'SCENARIO:plain' });
    await service.finished(task_id);
    const answer = await service.call('POST', `/api/tasks/${task_id}/input`, { text: 'too late' });
    expect(answer).toMatchObject({ status: 409, body: { code: 'NOT_RUNNING' } });
    expect((await service.events(task_id)).at(-1)?.type).toBe('task.completed');
  });

  it('searches literally, whatever the text looks like', async () => {
    const { task_id } = await service.submit({ prompt: '100% of (a+)+$ and a_b' });
    for (const q of ['100%', '(a+)+$', 'a_b']) {
      const { items } = (await service.call('GET', `/api/tasks?q=${encodeURIComponent(q)}`)).body as {
        items: object[];
      };
      expect(items).toMatchObject([{ task_id }]);
    }
    expect((await service.call('GET', '/api/tasks?q=a%25b')).body).toMatchObject({ items: [] });
    await service.finished(task_id);
  });

  it("takes the founding document's curl line, whose content type is curl's default", async () => {
    const answer = await service.call(
      'POST',
      '/api/agents/upload',
      '{"name":"my-agent","claude_md":"# Mine\\n\\nBe brief."}',
      {
        'Content-Type': 'application/x-www-form-urlencoded',
      },
    );
    expect(answer.status).toBe(201);
    const { task_id } = await service.submit({ prompt: 'SCENARIO:plain', agent: 'my-agent' });
    expect(await service.finished(task_id)).toMatchObject({ status: 'COMPLETED', agent: 'my-agent' });
  });

  it('refuses watchers that ask for nonsense, and goes on serving them', async () => {
    const { socket } = await service.watcher();
    for (const after_seq of [-1, 1e20, 'x'] as number[]) {
      const reply = await socket.emitWithAck('task.watch', { task_id: 'none', after_seq });
      expect(reply).toMatchObject({ ok: false, code: 'BAD_CURSOR' });
    }
    expect(await socket.emitWithAck('task.watch', { task_id: 'none' })).toMatchObject({
      code: 'TASK_NOT_FOUND',
    });
    expect(await socket.emitWithAck('session.watch', { session_id: 'none' })).toMatchObject({
      code: 'SESSION_NOT_FOUND',
    });
    expect(await socket.emitWithAck('feed.watch', {})).toEqual({ ok: true });
    const replies = await Promise.all(Array.from({ length: 1000 }, () => socket.emitWithAck('unwatch', {})));
    expect(replies.some((reply) => !reply.ok && reply.code === 'RATE_LIMITED')).toBe(true);
    expect(socket.connected).toBe(true);
    socket.disconnect();
  });
});
