import sqlite3 from 'sqlite3';

/** Longer texts are inserts of many rows, which seldom come again with as many. */
const LONGEST_TEXT = 4000;
const MOST_STATEMENTS = 300;

type Handler = (this: sqlite3.RunResult, error: Error | null, rows?: unknown[]) => void;

interface Prepared {
  statement: sqlite3.Statement;
  /** It has been run without an error of preparing it. */
  proven: boolean;
}

/**
 * A connection that prepares each statement once. Without it every statement makes two trips to the thread that does
 * the work, one to be parsed and one to be run, and both wait for a busy event loop.
 */
class PreparedDatabase extends sqlite3.Database {
  private readonly prepared = new Map<string, Prepared>();

  override run(sql: string, ...rest: unknown[]): this {
    // `run` takes one step, which leaves what gives rows (some PRAGMA) unfinished: those must not be kept.
    const kept = /^(INSERT|UPDATE|DELETE) /.test(sql) ? this.perform('run', sql, rest) : null;
    return kept ?? super.run(sql, ...rest);
  }

  override all(sql: string, ...rest: unknown[]): this {
    return this.perform('all', sql, rest) ?? super.all(sql, ...rest);
  }

  /** SQLite does not close while a statement of it is open. */
  override close(done?: (error: Error | null) => void): void {
    for (const { statement } of this.prepared.values()) statement.finalize();
    this.prepared.clear();
    super.close(done);
  }

  /** Null: not one to be kept. */
  private perform(method: 'run' | 'all', sql: string, rest: readonly unknown[]): this | null {
    const done = rest.at(-1);
    if (sql.length > LONGEST_TEXT || !isHandler(done)) return null;
    const known = this.prepared.get(sql) ?? this.keep(sql);
    const parameters = rest.slice(0, -1).filter((parameter) => parameter !== undefined);
    if (known.proven) {
      known.statement[method](...parameters, done);
      return this;
    }
    const refused = (error: Error): void => {
      this.prepared.delete(sql);
      Reflect.apply(done, known.statement, [error]);
    };
    known.statement.once('error', refused);
    known.statement[method](
      ...parameters,
      function (this: sqlite3.RunResult, ...answer: Parameters<Handler>) {
        known.statement.off('error', refused);
        known.proven = true;
        Reflect.apply(done, this, answer);
      },
    );
    return this;
  }

  private keep(sql: string): Prepared {
    const [oldest] = this.prepared;
    if (oldest && this.prepared.size >= MOST_STATEMENTS) {
      this.prepared.delete(oldest[0]);
      oldest[1].statement.finalize();
    }
    const made = { statement: this.prepare(sql), proven: false };
    // Everyone who uses it before it is proven listens for its failure, however many they are.
    made.statement.setMaxListeners(0);
    this.prepared.set(sql, made);
    return made;
  }
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

/**
 * What TypeORM takes as the driver of SQLite, for every connection of this process. It asks for `verbose`, a mode that
 * notes a stack trace for each statement of all connections: a fifth of a busy server's time, so here it changes nothing.
 */
const quiet = <D extends object>(driver: D) => ({ ...driver, verbose: () => driver });

export const PREPARED_SQLITE = quiet({ ...sqlite3, Database: PreparedDatabase });
/** For connections that are used once. */
export const PLAIN_SQLITE = quiet({ ...sqlite3 });
