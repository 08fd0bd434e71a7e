import type { OnApplicationShutdown } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { hostEnvironment } from '@app/config';
import { instantSql, type Dialect } from './dialect.js';
import { insertGiven, type GivenInsert } from './json-rows.js';
import { NestingGuard } from './nesting-guard.js';
import { SerialWriter } from './serial-writer.js';

/**
 * The one way to the database. `write` gives a transaction that is committed when the work ends and rolled back
 * when it throws; on SQLite all of them go through one connection, first come first served, because TypeORM
 * would otherwise mix the statements of concurrent transactions. `read` never waits for a writer.
 */
export class Database implements OnApplicationShutdown {
  readonly dialect: Dialect;
  private readonly writer: SerialWriter | null;

  constructor(
    private readonly writing: DataSource,
    private readonly reading: DataSource,
  ) {
    this.dialect = writing.options.type === 'postgres' ? 'postgres' : 'sqlite';
    const guard = hostEnvironment().NODE_ENV === 'test' ? new NestingGuard() : null;
    this.writer = this.dialect === 'sqlite' ? new SerialWriter(writing, guard) : null;
  }

  get read(): EntityManager {
    return this.reading.manager;
  }

  write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.writer ? this.writer.run(work) : this.writing.transaction(work);
  }

  /** Inserts all or nothing, where a transaction has no other work: on Postgres without BEGIN and COMMIT. */
  insert(...inserts: readonly GivenInsert[]): Promise<void> {
    return this.writer
      ? this.writer.run((manager) => insertGiven(manager, ...inserts))
      : insertGiven(this.writing.manager, ...inserts);
  }

  /** SQL for "now" (plus seconds) by the database's clock, as ISO-8601 text with milliseconds. */
  instant(offset: number | { column: string } = 0): string {
    return instantSql(this.dialect, offset);
  }

  /** Throws when the database does not answer. */
  async ping(): Promise<void> {
    await this.reading.query('SELECT 1');
  }

  async onApplicationShutdown(): Promise<void> {
    await this.writer?.idle();
  }
}
