import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AgentCatalog } from '@app/agents';
import { Settings } from '@app/config';
import { AppError, type NewTaskEvent, type TaskEvent } from '@app/contracts';
import { Database, isUniqueViolation, newId } from '@app/database';
import { OutboxRelay, OutboxRepository, type OutboxEntity } from '@app/queue';
import { SessionRepository, SessionService } from '@app/sessions';
import { EventLog } from './event-log.repository.js';
import type { SubmitTaskDto } from './submit-task.dto.js';
import type { TaskEntity } from './task.entity.js';
import { TaskRepository } from './task.repository.js';

const MAX_PROMPT_BYTES = 1_000_000;
const MAX_METADATA_BYTES = 16_384;
const QUEUE_COUNT_AGE_MS = 1000;

/** Where a task came from and what it follows; never taken from the body of a request. */
export interface TaskOrigin {
  source: 'api' | 'cli' | 'dashboard' | 'retry';
  createdBy: string | null;
  parentTaskId?: string;
}

export interface Submitted {
  task: TaskEntity;
  /** The idempotency key was known: nothing was made. */
  replayed: boolean;
}

/** Accepts tasks. A task is accepted when its row is committed, together with its first events and its bell. */
@Injectable()
export class SubmitTask {
  private queued = { count: 0, at: 0 };

  constructor(
    private readonly settings: Settings,
    private readonly database: Database,
    private readonly tasks: TaskRepository,
    private readonly log: EventLog,
    private readonly sessions: SessionRepository,
    private readonly sessionService: SessionService,
    private readonly agents: AgentCatalog,
    private readonly outbox: OutboxRepository,
    private readonly relay: OutboxRelay,
  ) {}

  async submit(wish: SubmitTaskDto, origin: TaskOrigin, idempotencyKey?: string): Promise<Submitted> {
    refuseTooLarge(wish);
    const digest = createHash('sha256')
      .update(JSON.stringify(sortKeys(wish)))
      .digest('hex');
    const known = idempotencyKey ? await this.replay(idempotencyKey, digest) : null;
    if (known) return known;
    const session = wish.session_id ? await this.sessionService.get(wish.session_id) : null;
    const agent = wish.agent ?? session?.agent ?? null;
    await this.agents.assertExists(agent);
    await this.refuseWhenFull();
    const task = newTask(wish, origin, agent, session?.session_id ?? newId());
    Object.assign(task, {
      idempotency_key: idempotencyKey ?? null,
      request_digest: idempotencyKey ? digest : null,
    });
    try {
      const { events, bells } = await this.store(task, session === null);
      this.log.publish(events);
      this.relay.wake(bells);
    } catch (error) {
      // Two requests with one key at the same moment: the loser finds what the winner made.
      const winner =
        idempotencyKey && isUniqueViolation(error) ? await this.replay(idempotencyKey, digest) : null;
      if (winner) return winner;
      throw error;
    }
    return { task, replayed: false };
  }

  private store(
    task: TaskEntity,
    newSession: boolean,
  ): Promise<{ events: TaskEvent[]; bells: OutboxEntity[] }> {
    const first: NewTaskEvent[] = [
      { type: 'task.created', data: { agent: task.agent, source: task.source, prompt: task.prompt ?? '' } },
      { type: 'task.queued', data: {} },
    ];
    task.last_seq = first.length;
    return this.database.write(async (manager) => {
      const sessionId = task.session_id;
      if (sessionId && newSession) {
        const title = (task.prompt ?? '').trim().split('\n')[0]?.slice(0, 120) ?? null;
        await this.sessions.insert(manager, {
          session_id: sessionId,
          title,
          agent: task.agent,
          created_by: task.created_by,
        });
      }
      await this.tasks.insert(manager, task);
      const events = await this.log.insert(manager, task, first, 1);
      const bells = await this.outbox.add(manager, [
        { taskId: task.task_id, generation: task.generation, priority: task.priority, notBefore: null },
      ]);
      if (sessionId) await this.sessions.countTask(manager, sessionId);
      return { events, bells };
    });
  }

  private async replay(key: string, digest: string): Promise<Submitted | null> {
    const task = await this.tasks.findByIdempotencyKey(key);
    if (!task) return null;
    if (task.request_digest !== digest) {
      throw new AppError(
        'IDEMPOTENCY_CONFLICT',
        'This Idempotency-Key came with another body before. Use a new key for a new task.',
      );
    }
    return { task, replayed: true };
  }

  /** Counting is not free with many rows; an answer that is a second old protects as well. */
  private async refuseWhenFull(): Promise<void> {
    if (Date.now() - this.queued.at > QUEUE_COUNT_AGE_MS) {
      this.queued = { count: await this.tasks.countQueued(), at: Date.now() };
    }
    if (this.queued.count >= this.settings.maxQueuedTasks) {
      throw new AppError(
        'QUEUE_FULL',
        'Too many tasks are waiting. Try again later, or raise MAX_QUEUED_TASKS.',
        {
          retryAfterSeconds: 10,
        },
      );
    }
  }
}

function refuseTooLarge(wish: SubmitTaskDto): void {
  if (Buffer.byteLength(wish.prompt) > MAX_PROMPT_BYTES) {
    throw new AppError(
      'PAYLOAD_TOO_LARGE',
      'The prompt is over 1 MB. Put large inputs into the workspace instead.',
    );
  }
  if (wish.metadata && Buffer.byteLength(JSON.stringify(wish.metadata)) > MAX_METADATA_BYTES) {
    throw new AppError(
      'PAYLOAD_TOO_LARGE',
      'The metadata is over 16 kB. Keep a reference instead of the content.',
    );
  }
}

function newTask(
  wish: SubmitTaskDto,
  origin: TaskOrigin,
  agent: string | null,
  sessionId: string,
): TaskEntity {
  const now = new Date().toISOString();
  return {
    task_id: newId(),
    session_id: sessionId,
    agent,
    agent_source: null,
    agent_digest: null,
    prompt: wish.prompt,
    status: 'QUEUED',
    status_reason: null,
    source: origin.source,
    source_metadata: wish.metadata ?? null,
    priority: wish.priority ?? 0,
    not_before: null,
    generation: 1,
    fence: 0,
    attempt: 0,
    max_attempts: wish.max_attempts ?? 0,
    deferrals: 0,
    lease_owner: null,
    lease_until: null,
    cancel_requested_at: null,
    result: null,
    error: null,
    created_at: now,
    queued_at: now,
    started_at: null,
    completed_at: null,
    duration_seconds: null,
    num_turns: 0,
    cost_usd: 0,
    input_tokens: 0,
    output_tokens: 0,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    model: wish.model ?? null,
    limits: wish.limits ? { ...wish.limits } : null,
    last_seq: 0,
    parent_task_id: origin.parentTaskId ?? null,
    flow_id: null,
    idempotency_key: null,
    request_digest: null,
    created_by: origin.createdBy,
  };
}

/** The same request has the same digest, whatever the order of its fields. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}
