import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { ApiKeyRepository } from './api-key.repository.js';
import { Clock } from './clock.js';

const FLUSH_MS = 60_000;

/**
 * Keeps `last_used_at`, to the minute: a write for every request would queue behind the work of the tasks. What
 * was noted is written once a minute and at shutdown; a crash loses a minute of it, which harms nobody.
 */
@Injectable()
export class KeyUse implements BeforeApplicationShutdown {
  private readonly logger = new Logger(KeyUse.name);
  private readonly used = new Set<string>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly repository: ApiKeyRepository,
    private readonly clock: Clock,
  ) {}

  note(keyId: string): void {
    this.used.add(keyId);
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  async flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const keyIds = [...this.used];
    this.used.clear();
    if (keyIds.length === 0) return;
    try {
      await this.repository.markUsed(keyIds, this.clock.now().toISOString());
    } catch (error) {
      this.logger.warn({ err: error }, 'the last use of API keys could not be stored');
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.flush();
  }
}
