import type { DataSource, EntityManager } from 'typeorm';

/**
 * One transaction at a time on the one connection a SQLite DataSource has, in the order of the calls.
 * IMMEDIATE, because a transaction that reads first and writes later gets SQLITE_BUSY at once, without the busy
 * timeout, when another process wrote in between.
 */
export class SerialWriter {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly dataSource: DataSource) {}

  run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const turn = this.last.then(() => this.transaction(work));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  async idle(): Promise<void> {
    await this.last;
  }

  private async transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    await runner.query('BEGIN IMMEDIATE');
    // Tells TypeORM that a transaction is open already, so that `save` and `remove` do not begin one themselves.
    Object.assign(runner, { isTransactionActive: true });
    try {
      const result = await work(runner.manager);
      await runner.query('COMMIT');
      return result;
    } catch (error) {
      await runner.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      Object.assign(runner, { isTransactionActive: false });
      await runner.release();
    }
  }
}
