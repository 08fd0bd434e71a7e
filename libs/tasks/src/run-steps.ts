import { Injectable } from '@nestjs/common';
import { isTerminal } from '@app/contracts';
import { Database, insertGiven, WriteBatches, type Transaction } from '@app/database';
import { OutboxRepository } from '@app/queue';
import { SessionRepository, type SessionNote } from '@app/sessions';
import { EventLog } from './event-log.repository.js';
import { eventsOf, type Moved, type MovedTask, type RunStep } from './run-step.js';
import { RunStepsRepository } from './run-steps.repository.js';
import { TaskRunsRepository } from './task-runs.repository.js';
import { UsageRepository } from './usage.repository.js';

/** Runs have other things to do while they wait, so their batches may grow. */
const LIMITS = { largest: 200, atOnce: 3, patienceMs: 20 };

interface HeldStep {
  step: RunStep;
  task: MovedTask;
}

/**
 * Stores what runs write, the steps of tasks that come together in one transaction: the rows, their events, what they
 * used, their sessions and the bells of those that follow. Null means that a step's claim was lost, and that nothing of it
 * was stored. The caller tells others.
 */
@Injectable()
export class RunSteps {
  private readonly batches = new WriteBatches<RunStep, Moved | null>(LIMITS, (steps) =>
    this.database.write((manager) => this.storeIn(manager, steps)),
  );

  constructor(
    private readonly database: Database,
    private readonly steps: RunStepsRepository,
    private readonly runs: TaskRunsRepository,
    private readonly log: EventLog,
    private readonly usage: UsageRepository,
    private readonly sessions: SessionRepository,
    private readonly outbox: OutboxRepository,
  ) {}

  store(step: RunStep): Promise<Moved | null> {
    return this.batches.store(step);
  }

  /** As parts of the caller's transaction; the answers are in the order of the steps. */
  async storeIn(manager: Transaction, steps: readonly RunStep[]): Promise<(Moved | null)[]> {
    const moved = new Map<RunStep, Moved>();
    for (const round of roundsOf(steps)) {
      const tried = round.filter((step) => step.kind !== 'end' && step.again);
      for (const [step, made] of await this.known(manager, tried)) moved.set(step, made);
      const rest = round.filter((step) => !moved.has(step));
      const tasks = await this.steps.store(manager, rest);
      const held = rest.flatMap((step) => {
        const task = tasks.get(step.claim.taskId);
        return task ? [{ step, task }] : [];
      });
      for (const [step, made] of await this.tellIn(manager, held)) moved.set(step, made);
    }
    return steps.map((step) => moved.get(step) ?? null);
  }

  /** As a part of the caller's transaction, whether an end was stored: it stands in the row and in the log. */
  async endIn(manager: Transaction, step: RunStep & { kind: 'end' }): Promise<Moved | null> {
    const [known] = await this.known(manager, [step]);
    return known && isTerminal(known[1].task.status) ? known[1] : null;
  }

  /** Those that the log holds. No transaction that could still store one of them is under way then. */
  private async known(manager: Transaction, steps: readonly RunStep[]): Promise<[RunStep, Moved][]> {
    if (steps.length === 0) return [];
    const tasks = await this.steps.lock(manager, steps);
    const stored: [RunStep, Moved][] = [];
    for (const step of steps) {
      const task = tasks.get(step.claim.taskId);
      const events = task && (await this.log.lastIn(manager, task, eventsOf(step, task)));
      if (task && events) stored.push([step, { task, events, bells: [] }]);
    }
    return stored;
  }

  /** All that follows from the steps that were made. */
  private async tellIn(manager: Transaction, held: readonly HeldStep[]): Promise<[RunStep, Moved][]> {
    await this.usage.add(
      manager,
      held.flatMap(({ step, task }) =>
        step.kind === 'go on' && step.news.usage ? [{ task, models: step.news.usage.models }] : [],
      ),
    );
    await this.sessions.note(manager, held.flatMap(noteOf));
    const freed = held.flatMap(({ step, task: { session_id } }) =>
      step.kind === 'end' && session_id ? [session_id] : [],
    );
    const next = await this.runs.nextInSessions(manager, freed);
    const bells = this.outbox.rowsOf([...next.values()]);
    const bellOf = new Map([...next.keys()].map((sessionId, index) => [sessionId, bells[index]]));
    const { events, insert } = this.log.number(
      held.map(({ step, task }) => {
        const told = eventsOf(step, task);
        return { task, events: told, firstSeq: task.last_seq - told.length + 1 };
      }),
    );
    await insertGiven(manager, insert, this.outbox.insertOf(bells));
    return held.map(({ step, task }, index) => {
      const bell = step.kind === 'end' && task.session_id ? bellOf.get(task.session_id) : undefined;
      return [step, { task, events: events[index] ?? [], bells: bell ? [bell] : [] }];
    });
  }
}

/** A statement changes a row once, so each task has one step in a round. */
function roundsOf(steps: readonly RunStep[]): RunStep[][] {
  const rounds: RunStep[][] = [];
  const seen = new Map<string, number>();
  for (const step of steps) {
    const place = seen.get(step.claim.taskId) ?? 0;
    seen.set(step.claim.taskId, place + 1);
    (rounds[place] ??= []).push(step);
  }
  return rounds;
}

/** What a step says about its session; none when it is nothing. */
function noteOf({ step, task: { session_id } }: HeldStep): SessionNote[] {
  if (step.kind !== 'go on' || !session_id) return [];
  const { usage, conversation } = step.news;
  const cost_usd = usage?.models.reduce((total, used) => total + used.cost_usd, 0) ?? 0;
  return cost_usd > 0 || conversation ? [{ session_id, cost_usd, ...conversation }] : [];
}
