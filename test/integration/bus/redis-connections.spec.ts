import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import Bull from 'bull';
import { Redis } from 'ioredis';
import { parseRedisUrl } from '@app/config';
import { RedisConnections } from '@app/redis';
import { startRedis, waitFor, type PrivateServer } from '../../support/index.js';

jest.setTimeout(30_000);

const lines: string[] = [];
Logger.overrideLogger({
  log: (line: string) => void lines.push(line),
  warn: (line: string) => void lines.push(line),
  error: (line: string) => void lines.push(line),
});

function queueOver(connections: RedisConnections): Bull.Queue<{ n: number }> {
  const queue = new Bull<{ n: number }>('look', {
    prefix: '{test}',
    createClient: (type) => connections.createBullClient('working', type),
  });
  queue.on('error', () => undefined);
  return queue;
}

/** The numbers of the jobs in the order they were done. Bull's promise settles when the queue closes. */
function workOn(queue: Bull.Queue<{ n: number }>): number[] {
  const done: number[] = [];
  queue.process((job) => Promise.resolve(void done.push(job.data.n))).catch(() => undefined);
  return done;
}

describe('RedisConnections', () => {
  let server: PrivateServer;
  let connections: RedisConnections;

  beforeEach(async () => {
    server = await startRedis({ appendOnly: true });
    connections = new RedisConnections(parseRedisUrl(server.url));
    lines.length = 0;
  });

  afterEach(async () => {
    await connections.onApplicationShutdown();
    await server.stop();
  });

  it('lets a command fail at once while Redis is away, and does it again when it is back', async () => {
    const command = connections.share('command');
    await waitFor(() => command.status === 'ready');
    server.signal('SIGKILL');
    await waitFor(() => !connections.status().ok);
    const startedAt = performance.now();
    await expect(command.set('a', '1')).rejects.toThrow();
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(connections.status().problem).toContain('Redis cannot be reached');
    await server.restart();
    await waitFor(() => command.set('a', '1'));
    expect(connections.status()).toEqual({ ok: true, problem: null });
  });

  it('gives up a command after two seconds when Redis does not answer', async () => {
    const command = connections.share('command');
    await waitFor(() => command.status === 'ready');
    server.signal('SIGSTOP');
    const startedAt = performance.now();
    await expect(command.ping()).rejects.toThrow('timed out');
    expect(performance.now() - startedAt).toBeLessThan(3000);
    server.signal('SIGCONT');
  });

  it('tells of an outage once when it begins and once when it is over, over all connections', async () => {
    let returns = 0;
    connections.onReconnect(() => (returns += 1));
    const clients = [
      connections.share('command'),
      connections.share('subscriber'),
      connections.createBullClient('working', 'bclient'),
    ];
    await waitFor(() => clients.every(({ status }) => status === 'ready'));
    expect(lines).toEqual([]);
    server.signal('SIGKILL');
    // Long enough for every connection to try, and fail, several times.
    let attempts = 0;
    clients[0]?.on('reconnecting', () => (attempts += 1));
    await waitFor(() => attempts >= 4);
    expect(lines).toHaveLength(1);
    expect(returns).toBe(0);
    await server.restart();
    await waitFor(() => returns > 0);
    expect(clients.map(({ status }) => status)).toEqual(['ready', 'ready', 'ready']);
    expect(lines).toEqual([expect.stringContaining('cannot be reached'), 'Redis is there again']);
    expect(returns).toBe(1);
  });

  it('starts without Redis and finds it when it comes', async () => {
    server.signal('SIGKILL');
    const early = new RedisConnections(parseRedisUrl(server.url));
    let found = 0;
    early.onReconnect(() => (found += 1));
    const messages: string[] = [];
    const subscriber = early.share('subscriber');
    subscriber.on('message', (_channel: string, text: string) => messages.push(text));
    const subscribed = subscriber.subscribe('news');
    await waitFor(() => !early.status().ok);
    await server.restart();
    await subscribed;
    await waitFor(() => found > 0);
    await waitFor(() => early.share('command').publish('news', 'hello'));
    await waitFor(() => messages.includes('hello'));
    await early.onApplicationShutdown();
  });

  it('serves Bull, whose jobs go on after Redis was killed, and which is told that what it adds meanwhile failed', async () => {
    const queue = queueOver(connections);
    const done = workOn(queue);
    await queue.add({ n: 1 });
    await waitFor(() => done.includes(1));

    server.signal('SIGKILL');
    await waitFor(() => !connections.status().ok);
    const waiting = await Promise.allSettled(Array.from({ length: 50 }, (_, n) => queue.add({ n: 100 + n })));
    expect(waiting.filter(({ status }) => status === 'fulfilled')).toEqual([]);

    await server.restart();
    await waitFor(() => connections.status().ok);
    await queue.add({ n: 2 });
    await waitFor(() => done.includes(2), { timeoutMs: 15_000 });
    expect(done).toEqual([1, 2]);
    await queue.close();
  });

  it('closes everything it opened, the connection that Bull opened again by itself included', async () => {
    const queue = queueOver(connections);
    workOn(queue);
    await queue.add({ n: 1 });
    await connections.share('subscriber').subscribe('x');
    await queue.pause(true, true);
    await queue.close();
    await connections.onApplicationShutdown();
    const probe = new Redis(server.url);
    await waitFor(async () => {
      const list = String(await probe.client('LIST'));
      return !list.includes('claude-code-agent:');
    });
    probe.disconnect();
  });

  it('speaks to a cluster, Bull included', async () => {
    const cluster = await startRedis({
      args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
    });
    const admin = new Redis(cluster.url);
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await waitFor(async () => String(await admin.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
    admin.disconnect();
    const over = new RedisConnections(parseRedisUrl(cluster.url.replace('redis://', 'redis-cluster://')));
    const queue = queueOver(over);
    const done = workOn(queue);
    await waitFor(() => queue.add({ n: 7 }));
    await waitFor(() => done.includes(7));
    const heard: string[] = [];
    over.share('subscriber').on('message', (_channel: string, text: string) => heard.push(text));
    await over.share('subscriber').subscribe('news');
    await waitFor(() =>
      over
        .share('command')
        .publish('news', 'hello')
        .catch(() => 0),
    );
    await waitFor(() => heard.includes('hello'));
    await queue.close();
    await over.onApplicationShutdown();
    await cluster.stop();
  });
});
