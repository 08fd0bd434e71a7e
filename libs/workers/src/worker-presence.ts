import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '@app/config';
import { newId } from '@app/database';
import { Paths, serviceVersion } from '@app/paths';
import { WorkerRepository } from './worker.repository.js';

const TELL_EVERY_MS = 4000;
const FORGET_EVERY_MS = 600_000;

export interface Load {
  running: number;
  /** How many tasks were taken since the start. */
  claims: number;
}

/**
 * Tells of this process in the table of workers, every few seconds, from its start to its clean end. What executes
 * says how much it does; a process that only serves the API has no slots. Tasks do not depend on any of it: their
 * leases decide who runs what.
 */
@Injectable()
export class WorkerPresence implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly workerId = newId();
  private readonly logger = new Logger(WorkerPresence.name);
  private load: () => Load = () => ({ running: 0, claims: 0 });
  private status: 'ACTIVE' | 'DRAINING' = 'ACTIVE';
  private toldClaims = 0;
  private forgotAtMs = -Infinity;
  private timer: NodeJS.Timeout | null = null;
  private telling: Promise<void> | null = null;
  private failed = false;

  constructor(
    private readonly settings: Settings,
    private readonly paths: Paths,
    private readonly workers: WorkerRepository,
  ) {}

  /** Called once by what executes tasks in this process. */
  reports(load: () => Load): void {
    this.load = load;
  }

  /** From now on this process takes no more tasks. */
  async drain(): Promise<void> {
    this.status = 'DRAINING';
    await this.tell();
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.announce();
    this.timer = setInterval(() => void this.tell(), TELL_EVERY_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.telling;
    await this.workers.remove(this.workerId).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'this process could not be taken from the list of workers');
    });
  }

  private announce(): Promise<void> {
    const { role, machineId, maxConcurrentTasks } = this.settings;
    return this.workers.add({
      worker_id: this.workerId,
      machine_id: machineId ?? 'unknown',
      version: serviceVersion(this.paths),
      role,
      slots: role === 'api' ? 0 : maxConcurrentTasks,
    });
  }

  private tell(): Promise<void> {
    this.telling ??= this.write().finally(() => (this.telling = null));
    return this.telling;
  }

  private async write(): Promise<void> {
    const { running, claims } = this.load();
    try {
      const load = { status: this.status, running, hasClaimed: claims > this.toldClaims };
      // Somebody may have forgotten us while the database was away.
      if (!(await this.workers.tell(this.workerId, load))) await this.announce();
      this.toldClaims = claims;
      if (this.failed) this.logger.log('the list of workers can be written again');
      this.failed = false;
      const nowMs = performance.now();
      if (nowMs - this.forgotAtMs < FORGET_EVERY_MS) return;
      this.forgotAtMs = nowMs;
      await this.workers.forgetOld();
    } catch (error) {
      if (!this.failed) this.logger.warn({ err: error }, 'the list of workers could not be written');
      this.failed = true;
    }
  }
}
