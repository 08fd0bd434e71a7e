import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { PoolClient } from 'pg';
import { PostgresPool } from '../../../libs/database/src/postgres-pool.js';
import { createTestDatabase, TcpProxy } from '../../support/index.js';

jest.setTimeout(30_000);

/** How a statement ended, and when. */
interface End {
  end: string;
  ms: number;
}

async function endOf(statement: Promise<{ rows: { answer: string }[] }>): Promise<End> {
  const startedAt = performance.now();
  const end = await statement.then(
    ({ rows }) => rows[0]?.answer ?? 'no row',
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
  return { end, ms: performance.now() - startedAt };
}

const ask = (client: PoolClient | PostgresPool, sql: string): Promise<End> =>
  endOf(client.query<{ answer: string }>(sql));

const LOST = { end: 'ETIMEDOUT', ms: expect.any(Number) };

describe('some connections to a Postgres fall silent, and it answers on all others', () => {
  let proxy: TcpProxy;
  let pool: PostgresPool;
  let lost: End, inTransaction: End, answerLost: End, ofAPooler: End, slow: End, held: End;

  /** All at once, beside one slow statement: each of them takes its seconds. */
  beforeAll(async () => {
    const { url } = await createTestDatabase();
    proxy = await TcpProxy.before(Number(new URL(url).port));
    pool = new PostgresPool({ connectionString: proxy.through(url), max: 8 });
    pool.on('error', () => undefined);

    const clients = await Promise.all([1, 2, 3, 4].map(() => pool.connect()));
    const [first, second, third, fourth] = clients;
    if (!first || !second || !third || !fourth) throw new Error('four connections were asked for');
    await Promise.all([first.query('SELECT 1'), second.query('BEGIN'), fourth.query('SELECT 1')]);
    // A pooler gives out numbers of its own.
    Object.assign(fourth, { processID: 1 });
    const answering = ask(third, "SELECT 'of the third' AS answer FROM pg_sleep(0.3)");
    proxy.stall();

    const holder = await pool.connect();
    await holder.query('BEGIN');
    const slowly = ask(pool, "SELECT 'slow' AS answer FROM pg_sleep(5)");
    const unknown = ask(fourth, "SELECT 'arrived at last' AS answer");
    [lost, inTransaction, answerLost] = await Promise.all([
      ask(first, "SELECT 'of the first' AS answer"),
      ask(second, "SELECT 'of the second' AS answer"),
      answering,
    ]);
    slow = await slowly;
    held = await ask(holder, "SELECT 'held' AS answer");
    proxy.pass();
    ofAPooler = await unknown;
    for (const client of [...clients, holder]) client.release(true);
  });
  afterAll(async () => {
    await pool.end();
    await proxy.close();
  });

  it('a statement that does not get there fails with a code, within three seconds', () => {
    expect(lost).toEqual(LOST);
    expect(lost.ms).toBeLessThan(3000);
  });

  it('so does one within a transaction', () => {
    expect(inTransaction).toEqual(LOST);
  });

  it('so does one whose answer is lost', () => {
    expect(answerLost).toEqual(LOST);
  });

  it('a slow statement comes to its end', () => {
    expect(slow.end).toBe('slow');
  });

  it('a connection that is held between two statements can go on', () => {
    expect(held.end).toBe('held');
  });

  it('nothing is held against a session that the server does not know, as behind a pooler', () => {
    expect(ofAPooler.end).toBe('arrived at last');
    expect(ofAPooler.ms).toBeGreaterThan(slow.ms - 1000);
  });
});
