import { instantSql } from '../dialect.js';
import { withConnection, type PlainTarget } from './connect-plain.js';

/** As `libs/workers` counts: a process that told nothing for this long is gone. */
const ALIVE_SECONDS = 15;

/**
 * How many processes of the service work on a Postgres database. With SQLite all of them are on this machine, where
 * the lock of the data folder tells more surely.
 */
export async function countLiveProcesses(target: PlainTarget): Promise<number> {
  if (target.kind === 'sqlite') return 0;
  return withConnection(target, async (runner) => {
    if (!(await runner.hasTable('workers'))) return 0;
    const [row] = (await runner.query(
      `SELECT count(*) AS alive FROM workers WHERE last_seen_at > ${instantSql('postgres', -ALIVE_SECONDS)}`,
    )) as [{ alive: unknown }];
    return Number(row.alive);
  });
}
