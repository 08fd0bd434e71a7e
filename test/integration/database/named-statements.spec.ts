import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { givenJson, givenRows } from '@app/database';
import { PostgresPool } from '../../../libs/database/src/postgres-pool.js';
import { createTestDatabase } from '../../support/test-database.js';

const SQL = `SELECT id FROM ${givenRows('postgres', { id: 'integer' })} ORDER BY id`;

describe('statements over given rows, on Postgres', () => {
  let pool: PostgresPool;

  beforeAll(async () => {
    pool = new PostgresPool({ connectionString: (await createTestDatabase()).url, max: 1 });
  });
  afterAll(() => pool.end());

  const rows = async (ids: number[]) =>
    (await pool.query(SQL, [givenJson(ids.map((id) => ({ id })))])).rows as unknown[];

  it('are parsed once for a connection, and answer each use by itself', async () => {
    expect(await rows([2, 1])).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await rows([3])).toEqual([{ id: 3 }]);
    expect(await rows([])).toEqual([]);
    const { rows: kept } = await pool.query('SELECT statement FROM pg_prepared_statements');
    expect(kept).toEqual([{ statement: SQL }]);
  });

  it('go on after one that was refused', async () => {
    await expect(pool.query(SQL, ['no json'])).rejects.toMatchObject({ code: '22P02' });
    expect(await rows([4])).toEqual([{ id: 4 }]);
  });

  it('leave all others as they are: they depend on their values', async () => {
    await pool.query('SELECT $1::int AS n', [1]);
    const { rows: kept } = await pool.query('SELECT name FROM pg_prepared_statements');
    expect(kept).toHaveLength(1);
  });
});
