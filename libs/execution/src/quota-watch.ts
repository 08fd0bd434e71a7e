import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CredentialPool } from '@app/credentials';
import { TaskRunsRepository } from '@app/tasks';

const LOOK_EVERY_MS = 5000;

/**
 * Tasks wait for the end of the earliest usage limit. When a credential is stored meanwhile, or a check finds that one is
 * usable again, they need not wait any longer. Only what was not usable at the look before counts: a task that waits for
 * the limit of one model alone is not woken again and again. It may run on several machines at once.
 */
@Injectable()
export class QuotaWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(QuotaWatch.name);
  private timer: NodeJS.Timeout | null = null;
  private round: Promise<void> | null = null;
  private usable: ReadonlySet<string> = new Set();

  constructor(
    private readonly pool: CredentialPool,
    private readonly runs: TaskRunsRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.tick(), LOOK_EVERY_MS);
    this.tick();
  }

  async onModuleDestroy(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.round;
  }

  /** One round. */
  async look(): Promise<void> {
    const usable = await this.pool.usable('claude');
    const isNew = [...usable].some((id) => !this.usable.has(id));
    if (isNew) {
      const woken = await this.runs.wakeParked('waiting_quota');
      if (woken > 0) this.logger.log({ tasks: woken }, 'a Claude credential is usable: tasks wait no longer');
    }
    this.usable = usable;
  }

  private tick(): void {
    this.round ??= this.look()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'waiting tasks could not be woken'))
      .finally(() => (this.round = null));
  }
}
