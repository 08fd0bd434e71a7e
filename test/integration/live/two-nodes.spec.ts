import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase, startRedis, waitFor, type PrivateServer } from '../../support/index.js';
import { seqsOf, upTo } from './events-fixture.js';
import { eventsAt, LiveServer } from './live-server.js';

jest.setTimeout(60_000);

let redis: PrivateServer;
let [here, there]: LiveServer[] = [];
const nodes = () => {
  if (!here || !there) throw new Error('the servers did not start');
  return { here, there };
};

beforeAll(async () => {
  redis = await startRedis();
  const env = { DATABASE_URL: (await createTestDatabase()).url, REDIS_URL: redis.url };
  here = await LiveServer.start({ ...env, MACHINE_ID: 'here' });
  there = await LiveServer.start({ ...env, MACHINE_ID: 'there' });
});
afterAll(async () => {
  await Promise.all([here?.close(), there?.close()]);
  await redis.stop();
});

describe('two servers', () => {
  it('show what the other writes, without reading the database for it', async () => {
    const { here, there } = nodes();
    const task = await here.makeTask(await here.makeSession());
    const client = await there.connect({ auth: { key: here.http.adminKey } });
    const events = eventsAt(client);
    await client.emitWithAck('task.watch', { task_id: task });
    await waitFor(async () => {
      // The subscription of a server that just started begins at some moment.
      await here.append(task, 1);
      return events.length > 0;
    });
    const read = jest.spyOn(there.log, 'read');
    const before = events.length;
    for (let round = 0; round < 100; round += 1) await here.append(task, 3);
    await waitFor(() => events.length >= before + 300);
    expect(seqsOf(events)).toEqual(upTo(events.length));
    expect(read.mock.calls.length).toBeLessThan(20);
    read.mockRestore();
  });

  it('let a watcher change from one to the other, and miss nothing while Redis is away', async () => {
    const { here, there } = nodes();
    const task = await here.makeTask(null);
    const first = await here.connect();
    const seen = eventsAt(first);
    await first.emitWithAck('task.watch', { task_id: task });
    await here.append(task, 40);
    await waitFor(() => seen.length === 40);
    first.disconnect();
    redis.signal('SIGKILL');
    await here.append(task, 10);
    const second = await there.connect({ auth: { key: here.http.adminKey } });
    second.on('task.event', (event) => seen.push(event));
    await second.emitWithAck('task.watch', { task_id: task, after_seq: 40 });
    await here.append(task, 10);
    await there.check();
    await waitFor(() => seen.length === 60);
    await redis.restart();
    await here.append(task, 5);
    await there.check();
    await waitFor(() => seen.length === 65);
    expect(seqsOf(seen)).toEqual(upTo(65));
  });
});
