import { Injectable } from '@nestjs/common';
import type { ModelUsage, NewTaskEvent, TaskEventData } from '@app/contracts';
import type { AgentRun, EngineEvent, RunEnd, RunSpec, TurnOutcome } from '@app/engines';
import {
  EventLog,
  TaskLifecycle,
  type Moved,
  type RunDescription,
  type RunNews,
  type TaskEntity,
} from '@app/tasks';
import { taskEventOf, usageOf } from './engine-event-mapper.js';
import { taskFailureOf } from './error-reasons.js';
import { EventRecorder } from './event-recorder.js';
import { REASON_OF_FAILURE } from './failure-reasons.js';
import { IdleWatch } from './idle-watch.js';
import { insist } from './insist.js';
import type { RunFailure } from './run-failure.js';
import type { RunningTask } from './running-tasks.js';

export interface PumpContext {
  task: TaskEntity;
  running: RunningTask;
  engineId: string;
  spec: RunSpec;
  /** How long the engine may say nothing; null: without end. */
  idleMs: number | null;
}

export interface PumpEnd {
  result: string | null;
  /** The engine's id of the conversation, to go on with. */
  conversationId: string;
  /** Whether the engine has kept it. */
  resumable: boolean;
  failure: RunFailure | null;
}

/** Nobody sits in front of a worker: what the agent's own rules do not allow is refused at once, with the way out. */
const DENIAL =
  'Nobody is here to approve this, so it is refused. Find another way within the tools you may use; if there is ' +
  'none, say in your answer what you could not do. (Operators: allow it in allowed_tools of the agent.)';
const NO_ANSWER =
  'Nobody is here to answer questions. Decide by yourself, choose the safest reasonable option, and state your assumption in the answer.';

/** Carries the events of a run into the log, books usage, and remembers the conversation to resume. */
@Injectable()
export class RunPump {
  constructor(
    private readonly lifecycle: TaskLifecycle,
    private readonly log: EventLog,
  ) {}

  /** Stores what the run is made of, with the event that tells of its start. */
  async begin(
    running: RunningTask,
    described: RunDescription,
    data: TaskEventData['task.started'],
  ): Promise<void> {
    const { claim } = running;
    const event = { type: 'task.started', at: new Date().toISOString(), data } as const;
    const moved = await insist(running, (again) => this.lifecycle.start(claim, described, event, again));
    if (moved) noteWritten(running, moved);
    else running.stop('lease_lost');
  }

  /** What people said to the task so far, oldest first, for the prompt of a run that is about to start. */
  async messagesOf({ claim, messages }: RunningTask): Promise<string[]> {
    const inputs = await this.log.inputsAfter(claim.taskId, 0);
    messages.putIntoPrompt(inputs);
    return inputs.map(({ data }) => data.text);
  }

  async drain(run: AgentRun, context: PumpContext): Promise<PumpEnd> {
    const { running } = context;
    const recorder = new EventRecorder((news) => this.store(context.running, news));
    const idle = context.idleMs === null ? null : new IdleWatch(context.idleMs, () => running.stop('idle'));
    recorder.lost.addEventListener('abort', () => {
      // What can be told as the end of the task needs the claim for that.
      if (recorder.failure && taskFailureOf(recorder.failure)) void run.stop();
      else running.stop('lease_lost');
    });
    const conversation = new Conversation(context.spec.conversation.id);
    let result: string | null = null;
    let end: RunEnd | null = null;
    try {
      for await (const event of run.events) {
        idle?.note(event);
        if (conversation.becomesKnown(event))
          recorder.note({ conversation: placeOf(context, conversation.id) });
        const told = taskEventOf(event, context.engineId);
        if (told) await recorder.add(told);
        if (event.type === 'permission.requested') this.refuse(run, event);
        if (event.type === 'turn.finished') {
          result = event.result ?? result;
          const usage = event.usage.map(usageOf);
          recorder.note({ usage: { models: usage, turns: event.turns } });
          await recorder.add(metricsOf(event, usage));
          await recorder.flush();
        }
        if (event.type === 'ended') end = event.end;
      }
      await recorder.flush();
    } finally {
      idle?.close();
      recorder.close();
    }
    const resumable = conversation.known || context.spec.conversation.kind === 'resume';
    const failure = failureOf(end?.outcome ?? null);
    return { result, conversationId: conversation.id, resumable, failure };
  }

  /** What the run itself has to say, between two runs of the engine. */
  async tell(running: RunningTask, event: NewTaskEvent): Promise<void> {
    if (!(await this.store(running, { events: [event] }))) running.stop('lease_lost');
  }

  private async store(running: RunningTask, news: RunNews): Promise<boolean> {
    const moved = await insist(running, (again) => this.lifecycle.goOn(running.claim, news, again));
    if (moved) noteWritten(running, moved);
    return moved !== null;
  }

  private refuse(run: AgentRun, request: Extract<EngineEvent, { type: 'permission.requested' }>): void {
    const message = request.tool === 'AskUserQuestion' ? NO_ANSWER : DENIAL;
    run.respond(request.id, { behavior: 'deny', message });
  }
}

function noteWritten({ messages }: RunningTask, { events }: Moved): void {
  const last = events.at(-1);
  if (last) messages.wrote(last.seq, events.length);
}

/** Where the session goes on. */
function placeOf({ spec, task }: PumpContext, conversationId: string): RunNews['conversation'] {
  return {
    engine_session_id: conversationId,
    workspace: spec.workspaceDir,
    machine_id: task.lease_owner,
  };
}

function metricsOf(
  event: Extract<EngineEvent, { type: 'turn.finished' }>,
  usage: ModelUsage[],
): NewTaskEvent {
  return {
    type: 'task.metrics',
    at: new Date().toISOString(),
    data: {
      usage,
      cost_usd: usage.reduce((total, used) => total + used.cost_usd, 0),
      num_turns: event.turns,
      duration_ms: event.durationMs,
    },
  };
}

/**
 * The conversation counts as existing once the model has answered in it: one that failed before (a refused key)
 * was never stored by the engine, and resuming it would fail for ever.
 */
class Conversation {
  known = false;

  constructor(public id: string) {}

  becomesKnown(event: EngineEvent): boolean {
    if (event.type === 'session') {
      const changed = this.known && event.sessionId !== this.id;
      this.id = event.sessionId;
      return changed;
    }
    if (this.known || !ANSWERS.has(event.type)) return false;
    this.known = true;
    return true;
  }
}

const ANSWERS: ReadonlySet<EngineEvent['type']> = new Set([
  'text.delta',
  'thinking.delta',
  'tool.started',
] as const);

function failureOf(outcome: TurnOutcome | null): PumpEnd['failure'] {
  if (!outcome) return { reason: 'engine_failed', message: 'Claude Code ended without a result.' };
  switch (outcome.kind) {
    case 'success':
      return null;
    case 'interrupted':
      return { reason: 'engine_failed', message: 'The turn was interrupted before it was finished.' };
    case 'failed': {
      const { kind: _kind, failure, ...told } = outcome;
      return { ...told, reason: REASON_OF_FAILURE[failure] };
    }
  }
}
