import {
  CLEANUP_KINDS,
  type CleanupItemShape,
  type CleanupKind,
  type CleanupShape,
  type CleanupTotalShape,
} from '@app/contracts';
import type { Policy } from './policy.js';

const MOST_ITEMS = 200;

/** What one clean-up does, counted as it goes. */
export class CleanupReport {
  private readonly totals: CleanupTotalShape[];
  private readonly items: CleanupItemShape[] = [];
  private readonly startedAt = new Date().toISOString();
  private endedAt: string | null = null;
  private problem: string | null = null;
  private skipped = 0;

  constructor(
    readonly dryRun: boolean,
    private readonly trigger: CleanupShape['trigger'],
    policy: Policy,
    private readonly told: (item: CleanupItemShape) => void,
  ) {
    this.totals = CLEANUP_KINDS.map((kind) => ({
      kind,
      older_than: kind === 'leftovers' ? this.startedAt : policy[kind],
      count: 0,
      bytes: 0,
    }));
  }

  add(item: CleanupItemShape): void {
    const total = this.totalOf(item.kind);
    total.count += 1;
    total.bytes += item.bytes;
    if (this.items.length < MOST_ITEMS) this.items.push(item);
    this.told(item);
  }

  skip(): void {
    this.skipped += 1;
  }

  end(problem: string | null): void {
    this.endedAt = new Date().toISOString();
    this.problem = problem;
  }

  totalOf(kind: CleanupKind): CleanupTotalShape {
    const total = this.totals.find((one) => one.kind === kind);
    if (!total) throw new Error(`there is no kind ${kind}`);
    return total;
  }

  show(): CleanupShape {
    return {
      dry_run: this.dryRun,
      status: this.endedAt === null ? 'running' : this.problem === null ? 'done' : 'failed',
      trigger: this.trigger,
      started_at: this.startedAt,
      ended_at: this.endedAt,
      problem: this.problem,
      totals: this.totals,
      items: this.items,
      skipped: this.skipped,
    };
  }
}
