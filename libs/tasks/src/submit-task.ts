import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AgentCatalog } from '@app/agents';
import { AppError } from '@app/contracts';
import { isUniqueViolation, newId } from '@app/database';
import { SessionService } from '@app/sessions';
import { QueueLimit } from './queue-limit.js';
import type { SubmitTaskDto } from './submit-task.dto.js';
import type { TaskEntity } from './task.entity.js';
import { TaskIntake } from './task-intake.js';
import { TaskRepository } from './task.repository.js';

const MAX_PROMPT_BYTES = 1_000_000;
const MAX_METADATA_BYTES = 16_384;

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
  constructor(
    private readonly tasks: TaskRepository,
    private readonly sessions: SessionService,
    private readonly agents: AgentCatalog,
    private readonly queueLimit: QueueLimit,
    private readonly intake: TaskIntake,
  ) {}

  async submit(wish: SubmitTaskDto, origin: TaskOrigin, idempotencyKey?: string): Promise<Submitted> {
    refuseTooLarge(wish);
    const digest = idempotencyKey ? digestOf(wish) : '';
    const known = idempotencyKey ? await this.replay(idempotencyKey, digest) : null;
    if (known) return known;
    const session = wish.session_id ? await this.sessions.get(wish.session_id) : null;
    const agent = wish.agent ?? session?.agent ?? null;
    await this.agents.assertExists(agent);
    await this.queueLimit.admit();
    const task = newTask(wish, origin, agent, session?.session_id ?? newId());
    Object.assign(task, {
      idempotency_key: idempotencyKey ?? null,
      request_digest: idempotencyKey ? digest : null,
    });
    try {
      await this.intake.store({ task, newSession: session === null });
    } catch (error) {
      // Two requests with one key at the same moment: the loser finds what the winner made.
      const winner =
        idempotencyKey && isUniqueViolation(error) ? await this.replay(idempotencyKey, digest) : null;
      if (winner) return winner;
      throw error;
    }
    return { task, replayed: false };
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
    asked_attempts: wish.max_attempts ?? 0,
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
function digestOf(wish: SubmitTaskDto): string {
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(wish)))
    .digest('hex');
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}
