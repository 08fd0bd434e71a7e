import { writeSync } from 'node:fs';
import type { Database, GivenInsert, insertGiven, Transaction } from '@app/database';
import { BY_THE_CLOCK, describeKill, parseFailPoint, type Side } from './fail-point-name.js';

type Work<T> = (manager: Transaction) => Promise<T>;
type Built = (file: string) => Promise<{ Database: typeof Database; insertGiven: typeof insertGiven }>;

/**
 * The process is killed, without any handler running, just before or just after the COMMIT of its n-th transaction.
 * Every change of state is one transaction, or one insert, so a loop over n visits them all. Before means: all statements
 * are done and only the COMMIT is missing; an insert of Postgres, which commits by itself, is not sent.
 *
 * On SQLite works of the same moment share a transaction. Each of them counts: before one of them is before the COMMIT of
 * all, after one of them after it.
 */
export async function armFailPoint(name: string, built: Built): Promise<void> {
  const point = parseFailPoint(name);
  const { Database, insertGiven } = await built('libs/database/src/index.js');
  const { write, insert } = Database.prototype;
  let counts = point.from === 'start';
  if (!counts)
    process.on('SIGUSR2', () => {
      counts = true;
      writeSync(process.stderr.fd, `ARMED\n`);
    });
  let writes = 0;
  /** What to do at both sides of the write that begins now. */
  const next = (): ((at: Side) => void) => {
    const writer = writerOf(new Error().stack ?? '');
    const isMeant = point.writer === null ? !BY_THE_CLOCK.includes(writer) : writer === point.writer;
    if (counts && isMeant) writes += 1;
    const isHere = counts && isMeant && writes === point.count;
    return (at) => {
      if (!isHere || at !== point.side) return;
      writeSync(process.stderr.fd, describeKill(name, writer));
      process.kill(process.pid, 'SIGKILL');
    };
  };
  Database.prototype.write = async function <T>(this: Database, work: Work<T>): Promise<T> {
    const pass = next();
    // Also a work that throws is the n-th: what it did is to be rolled back.
    const watched: Work<T> = (manager) => work(manager).finally(() => pass('before'));
    const written = Reflect.apply<Database, [Work<T>], Promise<T>>(write, this, [watched]);
    return written.finally(() => pass('after'));
  };
  Database.prototype.insert = async function (
    this: Database,
    ...inserts: readonly GivenInsert[]
  ): Promise<void> {
    if (this.dialect === 'sqlite') return this.write((manager) => insertGiven(manager, ...inserts));
    const pass = next();
    pass('before');
    const inserted = Reflect.apply<Database, readonly GivenInsert[], Promise<void>>(insert, this, inserts);
    await inserted.finally(() => pass('after'));
  };
}

/** The function of the service that asked for the write, by its file: `outbox.repository.remove`. */
function writerOf(stack: string): string {
  const [, method = '', file = ''] =
    /at (?:async )?(?:\S+?\.)?(\S+) \(\S*\/dist\/(?:libs\/(?!database\/)|apps\/)\S*\/([^/]+)\.js:/.exec(
      stack,
    ) ?? [];
  return `${file}.${method}`;
}
