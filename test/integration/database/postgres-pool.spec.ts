import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PostgresPool } from '../../../libs/database/src/postgres-pool.js';

/** One message of Postgres' protocol: its letter, its length, its content. */
function message(letter: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(letter);
  head.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}
const GREETING = [message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))];
const LAST_WORDS = message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection\0\0'));

describe('the pool of connections to Postgres', () => {
  let server: Server;
  let pool: PostgresPool;

  beforeEach(async () => {
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(Buffer.concat([...GREETING, LAST_WORDS])));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    pool = new PostgresPool({ host: '127.0.0.1', port, user: 'u', database: 'd', ssl: false });
    pool.on('error', () => undefined);
  });
  afterEach(async () => {
    await pool.end();
    server.close();
  });

  it('survives a server that greets and dies within one packet', async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtException', note);
    try {
      // As TypeORM does: it listens for errors once the promise is resolved.
      const client = await pool.connect().catch(() => null);
      await expect(client?.query('SELECT 1') ?? Promise.reject(new Error('refused'))).rejects.toThrow();
      client?.release();
      expect(uncaught).toEqual([]);
    } finally {
      process.off('uncaughtException', note);
    }
  });
});
