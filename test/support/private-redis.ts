import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { startServer, startWithAnotherTry, type PrivateServer } from './private-server.js';
import { findProgram } from './programs.js';
import { openFolder } from './temp-folder.js';

export interface RedisOptions {
  /** Keep an append-only file, for tests that kill and restart it. */
  appendOnly?: boolean;
  /** More options of redis-server: `['--maxmemory-policy', 'allkeys-lru']`. */
  args?: string[];
}

/** Up in less than 100 ms, so a suite that flushes, kills or counts may well have its own. */
export async function startRedis({
  appendOnly = false,
  args = [],
}: RedisOptions = {}): Promise<PrivateServer> {
  const command = await findProgram('redis-server');
  return startWithAnotherTry(async () => {
    const port = await freePort();
    const folder = await openFolder(join(tmpdir(), 'claude-agent-redis-'));
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    return startServer({
      name: 'redis-server',
      url: `redis://127.0.0.1:${port}`,
      port,
      folder,
      command,
      args: [...settings, '--databases', '1024', '--appendonly', appendOnly ? 'yes' : 'no', ...args],
      endsOn: 'TERM',
      ping: () => ping(port),
    });
  });
}

async function ping(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 });
  socket.on('timeout', () => socket.destroy(new Error('no answer')));
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    // While it reads its files back it answers -LOADING.
    if (!answer.toString().startsWith('+PONG')) throw new Error(answer.toString());
  } finally {
    socket.destroy();
  }
}
