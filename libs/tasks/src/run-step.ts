import {
  explainReason,
  type ModelUsage,
  type NewTaskEvent,
  type ReasonCode,
  type TaskEvent,
  type TerminalStatus,
} from '@app/contracts';
import type { OutboxEntity } from '@app/queue';
import type { Conversation } from '@app/sessions';
import type { TaskEntity } from './task.entity.js';

/** A claim: the task, and the fence that every later write must carry. */
export interface Claim {
  taskId: string;
  fence: number;
}

export interface TaskOutcome {
  status: TerminalStatus;
  reason: ReasonCode | null;
  result: string | null;
  error: string | null;
}

/** What a run is made of, known at its start. */
export type RunDescription = Pick<TaskEntity, 'agent' | 'agent_source' | 'agent_digest' | 'max_attempts'>;

/** What a run tells while it goes on, stored together: events, and what follows from them. */
export interface RunNews {
  events: readonly NewTaskEvent[];
  /** What a turn used. */
  usage?: { models: readonly ModelUsage[]; turns: number };
  /** The conversation the session goes on with. */
  conversation?: Conversation;
}

/** A write of the holder of a claim. `again`: an earlier try of it may have been stored, although its answer was lost. */
export type RunStep =
  | { kind: 'begin'; claim: Claim; description: RunDescription; event: NewTaskEvent; again: boolean }
  | { kind: 'go on'; claim: Claim; news: RunNews; again: boolean }
  | { kind: 'end'; claim: Claim; outcome: TaskOutcome; condition: EndCondition };

/** When a task may be ended, beside that the claim is held. */
export type EndCondition =
  | { kind: 'always' }
  /** The lease ran out, by the database's clock. */
  | { kind: 'expired' }
  /** The log holds nothing behind this number: the holder saw all that was said. Or somebody asked to cancel. */
  | { kind: 'seen'; seq: number };

/** What others are told of a task that moved. */
export type MovedTask = Pick<
  TaskEntity,
  | 'task_id'
  | 'session_id'
  | 'agent'
  | 'fence'
  | 'status'
  | 'status_reason'
  | 'last_seq'
  | 'cost_usd'
  | 'num_turns'
  | 'duration_seconds'
>;

/** What a move wrote, told to others after the commit. */
export interface Moved {
  task: MovedTask;
  events: TaskEvent[];
  bells: OutboxEntity[];
}

/** The events of a step, when the task stands as it does after it. */
export function eventsOf(step: RunStep, task: MovedTask): readonly NewTaskEvent[] {
  switch (step.kind) {
    case 'begin':
      return [step.event];
    case 'go on':
      return step.news.events;
    case 'end':
      return [endEvent(task, task.status === 'CANCELLED' ? cancelled(step.outcome) : step.outcome)];
  }
}

/** What was asked for wins over how the run ended by itself; what it had found by then is kept. */
function cancelled(outcome: TaskOutcome): TaskOutcome {
  return { ...outcome, status: 'CANCELLED', reason: 'cancelled_by_user', error: null };
}

export function endEvent(task: MovedTask, outcome: TaskOutcome): NewTaskEvent {
  const explained = explainReason(outcome.reason);
  const end = {
    status: outcome.status,
    reason: outcome.reason,
    ...(explained
      ? { title: explained.title, remedy: explained.remedy, retryable: explained.retryable }
      : {}),
    result: outcome.result,
    cost_usd: task.cost_usd,
    num_turns: task.num_turns,
    duration_seconds: task.duration_seconds,
  };
  switch (outcome.status) {
    case 'COMPLETED':
      return { type: 'task.completed', data: end };
    case 'CANCELLED':
      return { type: 'task.cancelled', data: end };
    case 'FAILED':
      return {
        type: 'task.failed',
        data: { ...end, error: outcome.error ?? explained?.title ?? 'The task failed' },
      };
  }
}
