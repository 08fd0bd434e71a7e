import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { startRedis, TcpProxy, waitFor, type PrivateServer } from '../../support/index.js';
import { ensureBuilt } from '../../support/program.js';

jest.setTimeout(60_000);

const PROGRAM = 'dist/test/integration/queue/ring-through-faults.js';

interface Seen {
  rung: number;
  refused: number;
  answered: number;
  slowestMs: number;
}

/** A process of its own, so that a rejection nobody handles shows as it would in production: by its end. */
class Ringer {
  latest: Seen = { rung: 0, refused: 0, answered: 0, slowestMs: 0 };
  errors = '';
  private readonly child: ChildProcess;

  constructor(url: string) {
    ensureBuilt();
    this.child = spawn(process.execPath, [PROGRAM, url], {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (lines: Buffer) => {
      const last = String(lines).trimEnd().split('\n').at(-1) ?? '';
      if (last.endsWith('}')) this.latest = JSON.parse(last) as Seen;
    });
    this.child.stderr?.on('data', (text: Buffer) => (this.errors += String(text)));
  }

  /** Bells ring and are answered after this moment. */
  async works(): Promise<void> {
    const { rung, answered } = this.latest;
    await this.sees((now) => now.rung > rung + 10 && now.answered > answered + 10);
  }

  async isRefused(): Promise<void> {
    const { refused } = this.latest;
    await this.sees((now) => now.refused > refused + 2);
  }

  async end(): Promise<number | null> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const [code] = (await ended) as [number | null];
    return code;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private async sees(condition: (now: Seen) => boolean): Promise<void> {
    await waitFor(() => this.child.exitCode !== null || condition(this.latest), { timeoutMs: 30_000 });
    if (this.child.exitCode !== null) throw new Error(`it ended: ${this.errors}`);
  }
}

describe('a process that rings and answers bells', () => {
  let server: PrivateServer;
  let proxy: TcpProxy;
  let admin: Redis;
  let ringer: Ringer;

  beforeEach(async () => {
    server = await startRedis({ appendOnly: true });
    proxy = await TcpProxy.before(server.port);
    admin = new Redis(server.url);
    admin.on('error', () => undefined);
    ringer = new Ringer(proxy.through(server.url));
    await ringer.works();
  });

  afterEach(async () => {
    ringer.kill();
    admin.disconnect();
    await proxy.close();
    await server.stop();
  });

  async function livesOn(): Promise<void> {
    await ringer.works();
    expect(ringer.latest.slowestMs).toBeLessThan(2500);
    await expect(ringer.end()).resolves.toBe(0);
    expect(ringer.errors).toBe('');
  }

  it('survives connections that are reset again and again in the middle of commands', async () => {
    for (let round = 0; round < 20; round += 1) {
      proxy.cut();
      await waitFor(() => proxy.connections >= 2);
    }
    proxy.cutAfter(700, 'to-client');
    await waitFor(() => proxy.connections >= 2);
    await ringer.isRefused();
    proxy.cutAfter(300, 'to-server');
    await ringer.isRefused();
    proxy.pass();
    await livesOn();
  });

  it('survives a server that became a replica (READONLY), as at a failover', async () => {
    await admin.replicaof('127.0.0.1', '1');
    await ringer.isRefused();
    await admin.replicaof('NO', 'ONE');
    await livesOn();
  });

  it('survives a server without memory (OOM)', async () => {
    await admin.config('SET', 'maxmemory', '1');
    await ringer.isRefused();
    await admin.config('SET', 'maxmemory', '0');
    await livesOn();
  });

  it('survives a network that swallows everything, and waits no more than two seconds for anything', async () => {
    proxy.blackhole();
    await ringer.isRefused();
    proxy.pass();
    await livesOn();
  });

  it('survives the death of the server, and its own end while there is none', async () => {
    server.signal('SIGKILL');
    await ringer.isRefused();
    await server.restart();
    await ringer.works();
    server.signal('SIGKILL');
    await ringer.isRefused();
    await expect(ringer.end()).resolves.toBe(0);
    expect(ringer.errors).toBe('');
  });
});

describe('a process that rings and answers bells over a cluster', () => {
  it('survives that the cluster goes down (CLUSTERDOWN) and comes back', async () => {
    const server = await startRedis({
      args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
    });
    const admin = new Redis(server.url);
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await waitFor(async () => String(await admin.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
    const ringer = new Ringer(server.url.replace('redis://', 'redis-cluster://'));
    try {
      await ringer.works();
      await admin.call('CLUSTER', 'DELSLOTSRANGE', '0', '5');
      await ringer.isRefused();
      await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '5');
      await ringer.works();
      await expect(ringer.end()).resolves.toBe(0);
      expect(ringer.errors).toBe('');
    } finally {
      ringer.kill();
      admin.disconnect();
      await server.stop();
    }
  });
});
