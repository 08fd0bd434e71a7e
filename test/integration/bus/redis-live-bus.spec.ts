import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { RedisLiveBus, type BusMessages } from '@app/bus';
import { parseRedisUrl } from '@app/config';
import { RedisConnections } from '@app/redis';
import { heard, itIsALiveBus, listen, news } from '../../../libs/bus/src/live-bus.contract.js';
import { startRedis, waitFor, type PrivateServer } from '../../support/index.js';

Logger.overrideLogger(false);

/** A process of the service, as far as the bus goes. */
function open(url: string) {
  const connections = new RedisConnections(parseRedisUrl(url));
  const bus = new RedisLiveBus(connections);
  bus.onModuleInit();
  return { bus, connections, close: () => connections.onApplicationShutdown() };
}

describe('the bus over Redis', () => {
  let server: PrivateServer;

  beforeAll(async () => {
    server = await startRedis();
  });

  afterAll(() => server.stop());

  itIsALiveBus(async () => {
    const here = open(server.url);
    const there = open(server.url);
    return {
      here: here.bus,
      there: there.bus,
      close: async () => void (await Promise.all([here.close(), there.close()])),
    };
  });

  it('wakes others without the events where those are too large, and gives them whole to its own process', async () => {
    const here = open(server.url);
    const there = open(server.url);
    await heard(here.bus, there.bus);
    const own: BusMessages['task.events'][] = [];
    const received: BusMessages['task.events'][] = [];
    here.bus.subscribe('task.events', (message) => own.push(message));
    there.bus.subscribe('task.events', (message) => {
      if (message.task_id === 'large') received.push(message);
    });
    here.bus.publish('task.events', news('large', 7, 'x'.repeat(300_000)));
    await waitFor(() => received.length > 0);
    expect(received).toEqual([{ task_id: 'large', session_id: null, head: 7 }]);
    expect(own[0]?.events).toHaveLength(1);
    await Promise.all([here.close(), there.close()]);
  });

  it('keeps services apart that use different databases of one Redis', async () => {
    const one = open(`${server.url}/1`);
    const other = open(`${server.url}/2`);
    const sameAsOther = open(`${server.url}/2`);
    await heard(sameAsOther.bus, other.bus);
    const heads = listen(other.bus, 'apart');
    // The connection of `one` is up: it is heard by one of its own.
    const sameAsOne = open(`${server.url}/1`);
    await heard(one.bus, sameAsOne.bus);
    one.bus.publish('task.events', news('apart', 1));
    sameAsOther.bus.publish('task.events', news('apart', 2));
    await waitFor(() => heads.length > 0);
    expect(heads).toEqual([2]);
    await Promise.all([one, other, sameAsOther, sameAsOne].map((process) => process.close()));
  });

  it('serves its own process while Redis is away, and others again when it is back', async () => {
    const redis = await startRedis();
    const here = open(redis.url);
    const there = open(redis.url);
    await heard(here.bus, there.bus);
    redis.signal('SIGKILL');
    await waitFor(() => !here.connections.status().ok && !there.connections.status().ok);

    const own = listen(here.bus, 'away');
    const remote = listen(there.bus, 'away');
    const startedAt = performance.now();
    for (let head = 1; head <= 1000; head += 1) here.bus.publish('task.events', news('away', head));
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(own).toHaveLength(1000);

    await redis.restart();
    await heard(here.bus, there.bus);
    // What was said meanwhile is gone: the event log has it.
    expect(remote).toEqual([]);
    await Promise.all([here.close(), there.close()]);
    await redis.stop();
  });

  it('keeps no pile of messages for a Redis that stalls', async () => {
    const redis = await startRedis();
    const here = open(redis.url);
    const there = open(redis.url);
    await heard(here.bus, there.bus);
    redis.signal('SIGSTOP');
    const before = process.memoryUsage();
    for (let head = 1; head <= 2000; head += 1)
      here.bus.publish('task.events', news('stalled', head, 'x'.repeat(100_000)));
    const after = process.memoryUsage();
    // 200 MB were said; about 4 MB are on their way.
    expect(after.external + after.arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(30e6);
    redis.signal('SIGCONT');
    await heard(here.bus, there.bus);
    await Promise.all([here.close(), there.close()]);
    await redis.stop();
  });
});
