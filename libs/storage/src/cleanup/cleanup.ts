import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Settings } from '@app/config';
import { AppError, type CleanupItemShape, type CleanupShape } from '@app/contracts';
import type { Paths } from '@app/paths';
import { errorCodeOf } from '../storage-error.js';
import { cleanCache } from './clean-cache.js';
import { cleanLogs } from './clean-logs.js';
import { cleanLeftovers, cleanWorkspaces, type Removal } from './clean-workspaces.js';
import { CleanupReport } from './cleanup-report.js';
import { policyAt, retentionOf, type Policy, type RetentionDays } from './policy.js';
import type { EndedTaskLogs, RestingSessions } from './ports.js';

const LOOK_EVERY_MS = 60_000;
/** The first by itself: a service that is being set up is left in peace. */
const FIRST_AFTER_MS = 600_000;
const EVERY_MS = 86_400_000;

interface Sources {
  sessions: RestingSessions;
  logs: EndedTaskLogs;
}

interface Options {
  nowMs?: () => number;
  step?: Removal['step'];
}

/** Removes what was not used for long, by the settings once a day or when somebody asks; one at a time. */
export class Cleanup implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Cleanup.name);
  private readonly ending = new AbortController();
  private readonly nowMs: () => number;
  private report: CleanupReport | null = null;
  private running: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private nextMs = Infinity;

  constructor(
    private readonly settings: Settings,
    private readonly paths: Paths,
    private readonly sources: Sources,
    private readonly options: Options = {},
  ) {
    this.nowMs = options.nowMs ?? Date.now;
  }

  onApplicationBootstrap(): void {
    if (Object.values(retentionOf(this.settings)).every((days) => days === null)) return;
    this.nextMs = this.nowMs() + FIRST_AFTER_MS;
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.ending.abort(new Error('the service ends'));
    await this.running;
  }

  /** Begins one when it is due. */
  look(): void {
    if (this.running || this.nowMs() < this.nextMs) return;
    this.nextMs = this.nowMs() + EVERY_MS;
    this.start({ dryRun: false, trigger: 'schedule' });
  }

  /** Returns at once; `days` take the place of the settings. Throws `CLEANUP_RUNNING`. */
  start(wish: {
    dryRun: boolean;
    trigger: CleanupShape['trigger'];
    days?: Partial<RetentionDays>;
  }): CleanupShape {
    if (this.running) {
      throw new AppError(
        'CLEANUP_RUNNING',
        'A clean-up is running. GET /api/storage/cleanup shows how far it is.',
      );
    }
    const policy = policyAt({ ...retentionOf(this.settings), ...wish.days }, this.nowMs());
    const report = new CleanupReport(wish.dryRun, wish.trigger, policy, (item) =>
      this.tell(item, wish.dryRun),
    );
    this.report = report;
    this.running = this.clean(policy, report).finally(() => (this.running = null));
    return report.show();
  }

  /** The one that is running, or the last; null: none since the start. */
  get latest(): CleanupShape | null {
    return this.report?.show() ?? null;
  }

  /** Resolves when none is running, or after so many milliseconds. */
  async idle(limitMs = Infinity): Promise<void> {
    if (!this.running) return;
    if (limitMs === Infinity) return this.running;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([this.running, late]);
    clearTimeout(timer);
  }

  /** Never rejects: the report tells. */
  private async clean(policy: Policy, report: CleanupReport): Promise<void> {
    const removal = {
      report,
      signal: this.ending.signal,
      step: this.options.step ?? (() => Promise.resolve()),
    };
    try {
      await cleanLeftovers(this.paths, removal);
      if (policy.workspaces)
        await cleanWorkspaces(this.paths, this.sources.sessions, policy.workspaces, removal);
      if (policy.logs) await cleanLogs(this.sources.logs, policy.logs, removal);
      if (policy.cache) await cleanCache(this.paths, policy.cache, removal);
      report.end(null);
    } catch (error) {
      report.end(problemOf(error, this.ending.signal));
      if (!this.ending.signal.aborted) this.logger.error({ err: error }, 'a clean-up failed');
    }
    if (report.dryRun) return;
    const { items: _items, ...summary } = report.show();
    this.logger.log(summary, 'a clean-up has ended');
  }

  /** What people may look for one day has a line of its own. */
  private tell({ kind, name, bytes }: CleanupItemShape, dryRun: boolean): void {
    if (dryRun || kind !== 'workspaces') return;
    this.logger.log({ sessionId: name, bytes }, 'the workspace of a session at rest was removed');
  }
}

function problemOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'The service was shut down meanwhile. What is left goes at the next one.';
  if (error instanceof AppError) return error.message;
  return `It ended early (${errorCodeOf(error) ?? 'unexpected error'}); the reason is in the log.`;
}
