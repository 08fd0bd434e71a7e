import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Settings } from '@app/config';
import type { Paths } from '@app/paths';
import { measureInThread, type MeasureFolder } from './measure.js';
import type { TreeMeasure } from './measure-tree.js';
import {
  growthOf,
  readPoints,
  withPoint,
  writePoints,
  type Growth,
  type UsagePoint,
} from './usage-record.js';

export interface UsageSnapshot extends TreeMeasure {
  measuredAtMs: number;
  durationMs: number;
  totalBytes: number;
  totalFiles: number;
  growth: Growth | null;
}

/** Who asks is answered from what was measured last, unless it is older. */
const FRESH_MS = 900_000;
/** A wish for fresh figures is not heeded sooner. */
const NO_SOONER_MS = 10_000;
/** However large the folder: at most one part in ten of the time is spent with measuring. */
const REST = 9;
/** How long the first who asks waits for the first figures. */
const PATIENCE_MS = 3000;
/** Without anybody asking: for the growth, and for STORAGE_MAX_MB. */
const BY_ITSELF_MS = 6 * 3_600_000;
const FOR_LIMIT_MS = FRESH_MS;

/** How much is in the data folder: measured in the background, one measure at a time, and remembered with its age. */
export class StorageUsage implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(StorageUsage.name);
  private readonly ending = new AbortController();
  private snapshot: UsageSnapshot | null = null;
  private running: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly settings: Pick<Settings, 'storageMaxMb'>,
    private readonly paths: Paths,
    private readonly measure: MeasureFolder = measureInThread,
    private readonly nowMs: () => number = Date.now,
  ) {}

  onApplicationBootstrap(): void {
    const hasLimit = this.settings.storageMaxMb !== null;
    this.timer = setInterval(() => this.begin(0), hasLimit ? FOR_LIMIT_MS : BY_ITSELF_MS);
    if (hasLimit) this.begin(0);
  }

  async onModuleDestroy(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.ending.abort();
    await this.running;
  }

  /** What was measured last; null: never. Costs nothing. */
  get latest(): UsageSnapshot | null {
    return this.snapshot;
  }

  get isMeasuring(): boolean {
    return this.running !== null;
  }

  /** Measures again when what is known is old, and waits only when nothing is known. Never rejects. */
  async ask({ fresh = false }: { fresh?: boolean } = {}): Promise<UsageSnapshot | null> {
    this.begin(fresh ? NO_SOONER_MS : FRESH_MS);
    if (this.snapshot === null && this.running) await within(PATIENCE_MS, this.running);
    return this.snapshot;
  }

  /** Resolves when no measure is on its way. */
  async idle(): Promise<void> {
    await this.running;
  }

  private begin(olderThanMs: number): void {
    if (this.running || this.ending.signal.aborted || !this.isOlderThan(olderThanMs)) return;
    this.running = this.look().finally(() => (this.running = null));
  }

  private isOlderThan(ageMs: number): boolean {
    if (!this.snapshot) return true;
    const { measuredAtMs, durationMs } = this.snapshot;
    return this.nowMs() - measuredAtMs >= Math.max(ageMs, durationMs * REST);
  }

  private async look(): Promise<void> {
    const startedMs = performance.now();
    try {
      const tree = await this.measure(this.paths.data, this.ending.signal);
      const amounts = Object.values(tree.areas);
      const totalBytes = amounts.reduce((sum, { bytes }) => sum + bytes, 0);
      const point = { at: new Date(this.nowMs()).toISOString(), bytes: totalBytes };
      this.snapshot = {
        ...tree,
        totalBytes,
        totalFiles: amounts.reduce((sum, { files }) => sum + files, 0),
        measuredAtMs: this.nowMs(),
        durationMs: Math.round(performance.now() - startedMs),
        growth: await this.note(point),
      };
    } catch (error) {
      if (!this.ending.signal.aborted)
        this.logger.warn({ err: error }, 'the data folder could not be measured');
    }
  }

  private async note(point: UsagePoint): Promise<Growth | null> {
    try {
      const known = await readPoints(this.paths);
      const points = withPoint(known, point);
      if (points !== known) await writePoints(this.paths, points);
      return growthOf(points, point);
    } catch (error) {
      // A full disk must not hide what fills it.
      this.logger.debug({ err: error }, 'the usage could not be written down');
      return null;
    }
  }
}

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
