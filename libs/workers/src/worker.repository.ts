import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import { Database } from '@app/database';
import { WorkerEntity } from './worker.entity.js';

/** A process that told nothing for this long counts as gone: three of its messages were lost. */
export const ALIVE_SECONDS = 15;
/** Rows of processes that crashed are kept for a day, for whoever looks into it. */
const KEPT_SECONDS = 86_400;

export type NewWorker = Pick<WorkerEntity, 'worker_id' | 'machine_id' | 'version' | 'role' | 'slots'>;
export type WorkerLoad = Pick<WorkerEntity, 'status' | 'running'> & { hasClaimed: boolean };

/** Which processes there are. Every instant is the database's: clocks of machines differ. */
@Injectable()
export class WorkerRepository {
  constructor(private readonly database: Database) {}

  async add(worker: NewWorker): Promise<void> {
    const now = () => this.database.instant();
    await this.database.write((manager) =>
      manager
        .createQueryBuilder()
        .insert()
        .into(WorkerEntity)
        .values({ ...worker, status: 'ACTIVE', running: 0, started_at: now, last_seen_at: now })
        .execute(),
    );
  }

  /** False: there is no such row any more. */
  async tell(workerId: string, { status, running, hasClaimed }: WorkerLoad): Promise<boolean> {
    const now = () => this.database.instant();
    const { affected } = await this.database.write((manager) =>
      manager
        .createQueryBuilder()
        .update(WorkerEntity)
        .set({ status, running, last_seen_at: now, ...(hasClaimed ? { last_claim_at: now } : {}) })
        .where('worker_id = :workerId', { workerId })
        .execute(),
    );
    return affected === 1;
  }

  async remove(workerId: string): Promise<void> {
    await this.database.write((manager) => manager.delete(WorkerEntity, { worker_id: workerId }));
  }

  async forgetOld(): Promise<void> {
    await this.database.write((manager) =>
      manager
        .createQueryBuilder()
        .delete()
        .from(WorkerEntity)
        .where(`last_seen_at < ${this.database.instant(-KEPT_SECONDS)}`)
        .execute(),
    );
  }

  /** All that are known, each with whether it was seen lately. */
  async list(): Promise<(WorkerEntity & { alive: boolean })[]> {
    const { entities, raw } = await this.query()
      .addSelect(`CASE WHEN ${this.seenWithin(ALIVE_SECONDS)} THEN 1 ELSE 0 END`, 'alive')
      .orderBy('worker.machine_id')
      .addOrderBy('worker.started_at')
      .getRawAndEntities<{ alive: number }>();
    return entities.map((worker, index) => ({ ...worker, alive: raw[index]?.alive === 1 }));
  }

  async idsSeenWithin(seconds: number): Promise<string[]> {
    const rows = await this.query().where(this.seenWithin(seconds)).getMany();
    return rows.map(({ worker_id }) => worker_id);
  }

  countClaiming(): Promise<number> {
    return this.claiming().getCount();
  }

  /** Those that could take a task now, and have taken none for so long. */
  idleFor(seconds: number): Promise<WorkerEntity[]> {
    return this.claiming()
      .andWhere('worker.running < worker.slots')
      .andWhere(`COALESCE(worker.last_claim_at, worker.started_at) < ${this.database.instant(-seconds)}`)
      .getMany();
  }

  private claiming(): SelectQueryBuilder<WorkerEntity> {
    return this.query()
      .where(this.seenWithin(ALIVE_SECONDS))
      .andWhere("worker.status = 'ACTIVE' AND worker.slots > 0");
  }

  private query(): SelectQueryBuilder<WorkerEntity> {
    return this.database.read.createQueryBuilder(WorkerEntity, 'worker');
  }

  private seenWithin(seconds: number): string {
    return `worker.last_seen_at >= ${this.database.instant(-seconds)}`;
  }
}
