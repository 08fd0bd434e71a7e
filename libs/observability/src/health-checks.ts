import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { AppError } from '@app/contracts';
import { databaseError } from '@app/database';

/**
 * Resolves when its part is well, throws when it is not: an `AppError` when people should read why. A text is a warning:
 * the part does its work, and somebody should see to it.
 */
export type HealthProbe = () => Promise<string | null | void>;

export interface HealthCheck {
  name: string;
  ok: boolean;
  duration_ms: number;
  problem?: string;
  /** It does its work, and somebody should see to this. */
  warning?: string;
}

const LIMIT_MS = 2_000;
const REMEMBERED_MS = 1_000;

/**
 * The one place that knows what "ready" means. Parts of the service are registered by name where the service is
 * put together. All probes run side by side, each for two seconds at most; the answer is kept for one second, so
 * that asking often costs nothing.
 */
export class HealthChecks implements OnModuleDestroy {
  private readonly logger = new Logger(HealthChecks.name);
  private readonly probes = new Map<string, HealthProbe>();
  private readonly unwell = new Set<string>();
  private latest: { atMs: number; checks: Promise<HealthCheck[]> } | null = null;
  private stopping = false;

  /** Returns the function that takes the probe away again. */
  register(name: string, probe: HealthProbe): () => void {
    if (this.probes.has(name)) throw new Error(`there is a health check "${name}" already`);
    this.probes.set(name, probe);
    return () => this.probes.delete(name);
  }

  async run(): Promise<HealthCheck[]> {
    const stopping = {
      name: 'shutdown',
      ok: false,
      duration_ms: 0,
      problem: 'The service is shutting down.',
    };
    if (this.stopping) return [stopping];
    const nowMs = performance.now();
    if (!this.latest || nowMs - this.latest.atMs >= REMEMBERED_MS) {
      this.latest = {
        atMs: nowMs,
        checks: Promise.all([...this.probes].map(([name, probe]) => this.ask(name, probe))),
      };
    }
    return this.latest.checks;
  }

  /** From now on not ready: whoever distributes requests should choose another server. */
  beginShutdown(): void {
    this.stopping = true;
  }

  onModuleDestroy(): void {
    this.beginShutdown();
  }

  private async ask(name: string, probe: HealthProbe): Promise<HealthCheck> {
    const startedMs = performance.now();
    const took = (): number => Math.round(performance.now() - startedMs);
    try {
      const warning = await withinLimit(probe);
      if (this.unwell.delete(name)) this.logger.log(`the check "${name}" succeeds again`);
      return { name, ok: true, duration_ms: took(), ...(warning ? { warning } : {}) };
    } catch (error) {
      if (!this.unwell.has(name)) this.logger.warn({ err: error }, `the check "${name}" fails`);
      this.unwell.add(name);
      return { name, ok: false, duration_ms: took(), problem: problemOf(error) };
    }
  }
}

function problemOf(error: unknown): string {
  const known = error instanceof AppError ? error : databaseError(error);
  return known?.message ?? 'It failed; the reason is in the log.';
}

async function withinLimit(probe: HealthProbe): Promise<string | null | void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const tooSlow = new AppError('NOT_READY', `It did not answer within ${LIMIT_MS / 1000} s.`);
    timer = setTimeout(() => reject(tooSlow), LIMIT_MS);
  });
  try {
    return await Promise.race([probe(), late]);
  } finally {
    clearTimeout(timer);
  }
}
