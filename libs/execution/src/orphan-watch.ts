import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { AgentEngine } from '@app/engines';
import { AGENT_ENGINE } from './run-config.js';

/** With the grace that processes get, what a killed worker left is gone within ten seconds. */
const LOOK_EVERY_MS = 4000;

/**
 * Ends what workers of this machine that are gone left running: a daemon would go on spending, and would go on writing
 * in a workspace that another run has now. Once before this worker takes its first task, then again and again, because
 * a neighbour may be killed and nobody start in its place.
 */
@Injectable()
export class OrphanWatch implements OnModuleDestroy {
  private readonly logger = new Logger(OrphanWatch.name);
  private timer: NodeJS.Timeout | null = null;
  private look: Promise<void> | null = null;

  constructor(@Inject(AGENT_ENGINE) private readonly engine: AgentEngine) {}

  /** Resolves when the first look is done. */
  async start(): Promise<void> {
    await this.lookNow();
    this.timer = setInterval(() => void this.lookNow(), LOOK_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.look;
  }

  private lookNow(): Promise<void> {
    this.look ??= this.endOrphans().finally(() => (this.look = null));
    return this.look;
  }

  private async endOrphans(): Promise<void> {
    try {
      const ended = await this.engine.reapOrphans();
      if (ended > 0) this.logger.warn(`ended ${ended} processes that a lost worker left behind`);
    } catch (error) {
      this.logger.error({ err: error }, 'processes of lost workers could not be looked for');
    }
  }
}
