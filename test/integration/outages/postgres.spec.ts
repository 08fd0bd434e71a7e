import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { io } from 'socket.io-client';
import {
  INTAKE,
  Service,
  startPostgres,
  TcpProxy,
  waitFor,
  type LiveClient,
  type PrivateServer,
} from '../../support/index.js';

jest.setTimeout(120_000);

/** The promise: a refusal within two seconds, all of a wave of requests. The rest is for this busy machine. */
const LIMIT_MS = 2500;
const RECOVERY_MS = 5000;
const SOME_ID = '01935f6e-0000-7000-8000-000000000000';

const REQUESTS: [method: string, path: string, body?: unknown][] = [
  ['GET', '/api/tasks'],
  ['POST', '/api/tasks', { prompt: 'hello' }],
  ['GET', `/api/tasks/${SOME_ID}`],
  ['GET', `/api/tasks/${SOME_ID}/events`],
  ['GET', `/api/tasks/${SOME_ID}/stream`],
  ['POST', `/api/tasks/${SOME_ID}/cancel`],
  ['GET', '/api/sessions'],
  ['GET', '/api/keys'],
];

let postgres: PrivateServer;
let proxy: TcpProxy;
let service: Service;

beforeAll(async () => {
  // It is killed: without a disk behind it, it would come back without the keys of the service.
  postgres = await startPostgres({ durable: true });
  proxy = await TcpProxy.before(postgres.port);
  service = await Service.start({ DATABASE_URL: proxy.through(postgres.url), ANTHROPIC_API_KEY: 'sk-test' });
});

afterAll(async () => {
  await service.end('SIGKILL');
  await proxy.close();
  await postgres.stop();
});

interface Timed {
  request: string;
  status: number;
  code: string;
  retryAfter: string | null;
  ms: number;
}

async function ask([method, path, body]: (typeof REQUESTS)[number]): Promise<Timed> {
  const startedAt = performance.now();
  const answer = await service.call(method, path, body);
  return {
    request: `${method} ${path}`,
    status: answer.status,
    code: (answer.body as { code?: string }).code ?? '',
    retryAfter: answer.headers.get('retry-after'),
    ms: Math.round(performance.now() - startedAt),
  };
}

async function everythingIsRefused(): Promise<void> {
  // Three waves: the first meets connections that seem to be well, the others none, and more than the pool has.
  for (let wave = 0; wave < 3; wave += 1) {
    const answers = await Promise.all([...REQUESTS, ...REQUESTS, ...REQUESTS].map(ask));
    const wrong = answers.filter(
      ({ status, code, retryAfter, ms }) =>
        status !== 503 || code !== 'DB_UNAVAILABLE' || retryAfter === null || ms > LIMIT_MS,
    );
    expect(wrong).toEqual([]);
  }
  const startedAt = performance.now();
  const ready = await service.call('GET', '/api/health/ready');
  expect({ status: ready.status, live: (await service.call('GET', '/api/health/live')).status }).toEqual({
    status: 503,
    live: 200,
  });
  expect(performance.now() - startedAt).toBeLessThan(2 * LIMIT_MS);
}

async function everythingWorks(): Promise<void> {
  const startedAt = performance.now();
  await waitFor(async () => (await service.call('GET', '/api/tasks')).status === 200, { timeoutMs: 20_000 });
  expect(performance.now() - startedAt).toBeLessThan(RECOVERY_MS);
  const answers = await Promise.all([...REQUESTS, ...REQUESTS, ...REQUESTS].map(ask));
  expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
}

describe('while Postgres is away', () => {
  let pid: number;
  beforeEach(async () => {
    await everythingWorks();
    ({ pid } = service);
  });
  afterEach(async () => {
    // The same process all the time: an outage ends nothing. Its last words would be an error that nobody caught.
    const live = await service.call('GET', '/api/health/live').catch(() => null);
    expect(live ? live.status : service.log.slice(-3000)).toBe(200);
    expect(service.pid).toBe(pid);
  });

  it('because it was killed: every request is refused within two seconds, and all is well soon after', async () => {
    postgres.signal('SIGKILL');
    await everythingIsRefused();
    await postgres.restart();
    await everythingWorks();
  });

  it('because the network swallows everything: the same', async () => {
    proxy.blackhole();
    await everythingIsRefused();
    proxy.pass();
    await everythingWorks();
  });

  it('because the network resets everything: the same', async () => {
    proxy.reset();
    await everythingIsRefused();
    proxy.pass();
    await everythingWorks();
  });

  it('because its connections are closed from the other side in the middle of requests: refused or done', async () => {
    for (let round = 0; round < 5; round += 1) {
      const asked = Promise.all([...REQUESTS, ...REQUESTS].map(ask));
      await new Promise((resolve) => setImmediate(resolve));
      if (round % 2 === 0) proxy.halfClose();
      else proxy.cut();
      const codes = (await asked).filter(({ status }) => status >= 500).map(({ code }) => code);
      expect(codes.filter((code) => code !== 'DB_UNAVAILABLE')).toEqual([]);
    }
    await everythingWorks();
  });

  it('acknowledgements on sockets carry the same code, and so does a connection that is refused', async () => {
    const { socket } = await service.watcher();
    proxy.blackhole();
    const startedAt = performance.now();
    const ack = await socket.emitWithAck('task.watch', { task_id: SOME_ID, after_seq: 0 });
    expect(ack).toMatchObject({ ok: false, code: 'DB_UNAVAILABLE' });
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS);
    const late: LiveClient = io(`${service.url}/live`, {
      // Not the admin's key, which is known for a while.
      auth: { key: `cca_${'a'.repeat(43)}` },
      transports: ['websocket'],
      reconnection: false,
    });
    const refused = await new Promise<Error & { data?: unknown }>((resolve) =>
      late.on('connect_error', resolve),
    );
    proxy.pass();
    expect([refused.message, refused.data]).toEqual([
      'DB_UNAVAILABLE',
      expect.objectContaining({ code: 'DB_UNAVAILABLE' }),
    ]);
    late.close();
    socket.close();
    await everythingWorks();
  });
});

describe('a task whose commit is not answered', () => {
  it('is made good by the idempotency key: the same task, once', async () => {
    await everythingWorks();
    const headers = { 'Idempotency-Key': 'the-answer-is-lost' };
    const wish = { prompt: 'once' };
    proxy.loseAnswerTo(INTAKE);
    const lost = await service.call('POST', '/api/tasks', wish, headers);
    await waitFor(() => proxy.answerWasLost);
    const again = await waitFor(async () => {
      const answer = await service.call('POST', '/api/tasks', wish, headers);
      return answer.status === 202 ? answer : null;
    });
    const list = await service.call('GET', '/api/tasks?limit=200');
    const made = (list.body as { items: { task_id: string; prompt: string }[] }).items.filter(
      ({ prompt }) => prompt === 'once',
    );
    expect(made.map(({ task_id }) => task_id)).toEqual([(again.body as { task_id: string }).task_id]);
    // Whichever connection it was that lost its answer, a caller was not told a lie.
    expect([202, 503]).toContain(lost.status);
  });
});

describe('a statement that is merely slow', () => {
  it('is not taken for an outage', async () => {
    await everythingWorks();
    proxy.delay(300);
    const slow = await ask(['GET', '/api/tasks']);
    proxy.pass();
    expect(slow.status).toBe(200);
  });
});
