import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { databaseError } from '@app/database';
import { TaskLifecycle, type Claim, type Moved, type Release, type TaskOutcome } from '@app/tasks';
import { insist } from './insist.js';
import type { RunningTask } from './running-tasks.js';

const LOOK_EVERY_MS = 2000;

interface UntoldEnd {
  claim: Claim;
  move: TaskOutcome | Release;
}

/**
 * Writes the ends of runs. When the answer to that is lost, it finds out what became of it, for nobody else would tell
 * others of an end that was stored. Behind the end of the lease it writes nothing more, and looks until the database
 * answers; what a shutdown takes with it stands in the database all the same.
 */
@Injectable()
export class RunEnds implements OnModuleDestroy {
  private readonly logger = new Logger(RunEnds.name);
  private untold: UntoldEnd[] = [];
  private timer: NodeJS.Timeout | null = null;
  private round: Promise<void> | null = null;

  constructor(private readonly lifecycle: TaskLifecycle) {}

  /** Null: the claim was lost, or what was said to the task goes on behind `seenSeq` and it is not completed for that. */
  async store(
    running: RunningTask,
    move: TaskOutcome | Release,
    seenSeq: number | undefined,
  ): Promise<Moved | null> {
    const { claim } = running;
    let isUncertain = false;
    const write = async (again: boolean): Promise<Moved | null> => {
      isUncertain = true;
      const stored = again ? await this.lifecycle.tellStored(claim, move) : null;
      const moved = stored ?? (await this.make(claim, move, seenSeq));
      isUncertain = false;
      return moved;
    };
    try {
      return await insist(running, write, Infinity);
    } finally {
      if (isUncertain) this.lookLater({ claim, move });
    }
  }

  async onModuleDestroy(): Promise<void> {
    this.stop();
    this.untold = [];
    await this.round;
  }

  private make(
    claim: Claim,
    move: TaskOutcome | Release,
    seenSeq: number | undefined,
  ): Promise<Moved | null> {
    if ('countsAttempt' in move) return this.lifecycle.release(claim, move);
    return this.lifecycle.finish(claim, move, seenSeq);
  }

  private lookLater(end: UntoldEnd): void {
    this.untold.push(end);
    this.timer ??= setInterval(() => {
      this.round ??= this.look().finally(() => (this.round = null));
    }, LOOK_EVERY_MS);
  }

  private async look(): Promise<void> {
    for (const end of [...this.untold]) {
      const { taskId } = end.claim;
      try {
        const moved = await this.lifecycle.tellStored(end.claim, end.move);
        if (moved) this.logger.log({ taskId, status: moved.task.status }, 'the run had ended');
      } catch (error) {
        if (databaseError(error)) return;
        this.logger.error(
          { err: error, taskId },
          'whether the end of a run was stored could not be found out',
        );
      }
      this.untold = this.untold.filter((other) => other !== end);
    }
    if (this.untold.length === 0) this.stop();
  }

  private stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }
}
