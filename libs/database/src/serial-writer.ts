import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type { NestingGuard } from './nesting-guard.js';

/** A group is closed when it holds this many works, or has been open this long: nobody waits for a crowd. */
const LIMITS = { works: 200, ms: 10 };

interface Entry {
  perform(manager: EntityManager): Promise<void>;
  /** Tells the caller what became of it, after the commit. */
  settle(): void;
  reject(error: unknown): void;
}

/**
 * One transaction at a time on the one connection a SQLite DataSource has, works in the order of the calls. Works
 * that wait share a transaction, each behind a savepoint of its own, because a durable commit costs more than most
 * works: one that throws takes back what it did and nothing else. All are answered after the commit, also those that
 * threw: what a work collided with is there to be read when it hears of it. If the commit fails, all of the group fail.
 *
 * A work must not call `run` and wait for it: it would wait for itself. With a guard such a call is refused.
 *
 * IMMEDIATE, because a transaction that reads first and writes later gets SQLITE_BUSY at once, without the busy
 * timeout, when another process wrote in between.
 */
export class SerialWriter {
  private waiting: Entry[] = [];
  private draining: Promise<void> | null = null;

  constructor(
    private readonly dataSource: DataSource,
    private readonly guard: NestingGuard | null = null,
    private readonly limits = LIMITS,
  ) {}

  run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (this.guard?.isInside) {
      return Promise.reject(
        new Error('Database.write was called inside Database.write: pass the manager on instead'),
      );
    }
    return new Promise<T>((resolve, reject) => {
      this.waiting.push(this.entry(work, resolve, reject));
      this.draining ??= this.drain();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.draining) await this.draining;
  }

  private entry<T>(
    work: (manager: EntityManager) => Promise<T>,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ): Entry {
    let settle = (): void => undefined;
    const perform = async (manager: EntityManager): Promise<void> => {
      try {
        const value = await work(manager);
        settle = () => resolve(value);
      } catch (error) {
        settle = () => reject(error);
        throw error;
      }
    };
    return { perform: this.guard?.watch(perform) ?? perform, settle: () => settle(), reject };
  }

  private async drain(): Promise<void> {
    // Calls of the same moment go together.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.group();
    this.draining = null;
  }

  /** Never rejects: whatever happens is told to the callers. */
  private async group(): Promise<void> {
    const runner = this.dataSource.createQueryRunner();
    const done: Entry[] = [];
    let begun = false;
    try {
      const execute = await scriptsOn(runner);
      await execute('BEGIN IMMEDIATE; SAVEPOINT work');
      begun = true;
      // Tells TypeORM that a transaction is open already, so that `save` and `remove` do not begin one themselves.
      Object.assign(runner, { isTransactionActive: true });
      await this.performAll(runner, execute, done);
      await execute('RELEASE work; COMMIT');
      for (const entry of done) entry.settle();
    } catch (error) {
      if (begun) await runner.query('ROLLBACK').catch(() => undefined);
      for (const entry of begun ? done : this.waiting.splice(0)) entry.reject(error);
    } finally {
      Object.assign(runner, { isTransactionActive: false });
      await runner.release();
    }
  }

  /** Ends behind a fresh savepoint. Throws when the whole transaction is lost. */
  private async performAll(runner: QueryRunner, execute: Execute, done: Entry[]): Promise<void> {
    const { works, ms } = this.limits;
    const begin = performance.now();
    for (let count = 0; count < works && performance.now() - begin < ms; count += 1) {
      const entry = this.waiting.shift();
      if (!entry) return;
      if (count > 0) await execute('RELEASE work; SAVEPOINT work');
      done.push(entry);
      try {
        await entry.perform(runner.manager);
      } catch (error) {
        // After some failures (a full disk) SQLite has taken back the whole transaction, savepoint and all.
        await execute('ROLLBACK TO work').catch(() => {
          throw error;
        });
      }
    }
  }
}

type Execute = (script: string) => Promise<void>;

/** Several statements in one go, which TypeORM does not offer: each go is a trip to another thread and back. */
async function scriptsOn(runner: QueryRunner): Promise<Execute> {
  const connection: unknown = await runner.connect();
  if (!isSqlite(connection)) throw new Error('this writer is for SQLite');
  return (script) =>
    new Promise((resolve, reject) => {
      connection.exec(script, (error) => (error ? reject(error) : resolve()));
    });
}

interface SqliteConnection {
  exec(script: string, done: (error: Error | null) => void): void;
}

function isSqlite(connection: unknown): connection is SqliteConnection {
  return typeof connection === 'object' && connection !== null && 'exec' in connection;
}
