import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { statesBefore, TERMINAL_STATUSES, type ModelUsage } from '@app/contracts';
import { changeReturning, Database, givenJson, givenRows, type GivenColumns } from '@app/database';
import type { MovedTask, RunStep } from './run-step.js';
import { expiredSql, overSql } from './task-times.js';

const HELD_BY = { task_id: 'text', held_fence: 'integer' } as const satisfies GivenColumns;

/** By whom a task is held, and what is added to it, of each step of a kind. */
const GIVEN = {
  begin: {
    ...HELD_BY,
    agent: 'text',
    agent_source: 'text',
    agent_digest: 'text',
    max_attempts: 'integer',
  },
  'go on': {
    ...HELD_BY,
    events: 'integer',
    turns: 'integer',
    input_tokens: 'bigint',
    output_tokens: 'bigint',
    cache_read_tokens: 'bigint',
    cache_write_tokens: 'bigint',
    cost_usd: 'double precision',
  },
  end: {
    ...HELD_BY,
    ended_as: 'text',
    reason: 'text',
    result: 'text',
    error: 'text',
    expired_only: 'integer',
    seen_seq: 'integer',
  },
} as const satisfies Record<RunStep['kind'], GivenColumns>;

const MOVED = [
  'task_id',
  'session_id',
  'agent',
  'fence',
  'status',
  'status_reason',
  'last_seq',
  'cost_usd',
  'num_turns',
  'duration_seconds',
] as const satisfies readonly (keyof MovedTask)[];

/**
 * What the holders of claims write into their tasks: any number of them in one statement for each kind of step. Each row
 * is changed only while its claim is held, by fence and state.
 */
@Injectable()
export class RunStepsRepository {
  private readonly statements: Readonly<Record<RunStep['kind'], string>>;
  private readonly lockStatement: string;

  constructor({ dialect }: Database) {
    const over = overSql(dialect);
    const columns = MOVED.map((column) => `tasks.${column} AS ${column}`).join(', ');
    const ends = TERMINAL_STATUSES.map(
      (status) => `given.ended_as = '${status}' AND tasks.status IN (${quoted(statesBefore(status))})`,
    );
    const statement = (kind: RunStep['kind'], changes: string, condition: string): string =>
      `UPDATE tasks SET ${changes} FROM ${givenRows(dialect, GIVEN[kind])}
       WHERE tasks.task_id = given.task_id AND tasks.fence = given.held_fence
         AND tasks.status IN ('RUNNING', 'WAITING')${condition}
       RETURNING ${columns}`;
    this.lockStatement = `SELECT ${columns} FROM tasks JOIN ${givenRows(dialect, HELD_BY)}
       ON tasks.task_id = given.task_id AND tasks.fence = given.held_fence
       ${dialect === 'sqlite' ? '' : 'ORDER BY tasks.task_id FOR UPDATE OF tasks'}`;
    const added = Object.keys(GIVEN['go on']).filter((name) => /_tokens$|^cost_usd$/.test(name));
    this.statements = {
      begin: statement(
        'begin',
        `agent = given.agent, agent_source = given.agent_source, agent_digest = given.agent_digest,
         max_attempts = given.max_attempts, last_seq = tasks.last_seq + 1`,
        '',
      ),
      'go on': statement(
        'go on',
        [
          ...added.map((name) => `${name} = tasks.${name} + given.${name}`),
          'num_turns = tasks.num_turns + given.turns',
          'last_seq = tasks.last_seq + given.events',
        ].join(', '),
        '',
      ),
      end: statement(
        'end',
        // Who asked to cancel was told that it will be: that wins, also when the run has just ended by itself.
        `status = ${cancelledElse("'CANCELLED'", 'given.ended_as')},
         status_reason = ${cancelledElse("'cancelled_by_user'", 'given.reason')},
         result = given.result, error = ${cancelledElse('NULL', 'given.error')},
         completed_at = ${over.completed_at}, duration_seconds = ${over.duration_seconds},
         lease_owner = NULL, lease_until = NULL, last_seq = tasks.last_seq + 1`,
        ` AND (${ends.map((end) => `(${end})`).join(' OR ')})
          AND (given.expired_only = 0 OR ${expiredSql(dialect)})
          AND (given.seen_seq IS NULL OR tasks.last_seq <= given.seen_seq OR tasks.cancel_requested_at IS NOT NULL)`,
      ),
    };
  }

  /**
   * The tasks of these claims, as they are until the transaction ends. An earlier transaction that changed one of them has
   * ended then, also one whose client has gone: what it has stored can be seen.
   */
  async lock(manager: EntityManager, steps: readonly RunStep[]): Promise<Map<string, MovedTask>> {
    const held = steps.map(({ claim }) => ({ task_id: claim.taskId, held_fence: claim.fence }));
    const tasks = await manager.query<MovedTask[]>(this.lockStatement, [givenJson(held)]);
    return new Map(tasks.map((task) => [task.task_id, task]));
  }

  /** The tasks that were held, as they are after the steps. No task may have two of them. */
  async store(manager: EntityManager, steps: readonly RunStep[]): Promise<Map<string, MovedTask>> {
    const moved = new Map<string, MovedTask>();
    for (const [kind, statement] of Object.entries(this.statements)) {
      const rows = steps.filter((step) => step.kind === kind).map(givenOf);
      if (rows.length === 0) continue;
      for (const task of await changeReturning<MovedTask>(manager, statement, [givenJson(rows)]))
        moved.set(task.task_id, task);
    }
    return moved;
  }
}

function givenOf(step: RunStep): Record<string, unknown> {
  const held = { task_id: step.claim.taskId, held_fence: step.claim.fence };
  switch (step.kind) {
    case 'begin':
      return { ...held, ...step.description };
    case 'go on': {
      const { events, usage } = step.news;
      const sum = (of: (used: ModelUsage) => number): number =>
        usage?.models.reduce((total, used) => total + of(used), 0) ?? 0;
      return {
        ...held,
        events: events.length,
        turns: usage?.turns ?? 0,
        input_tokens: sum((used) => used.input_tokens),
        output_tokens: sum((used) => used.output_tokens),
        cache_read_tokens: sum((used) => used.cache_read_tokens),
        cache_write_tokens: sum((used) => used.cache_write_tokens),
        cost_usd: sum((used) => used.cost_usd),
      };
    }
    case 'end': {
      const { condition } = step;
      const { status, reason, result, error } = step.outcome;
      const expired_only = condition.kind === 'expired' ? 1 : 0;
      const seen_seq = condition.kind === 'seen' ? condition.seq : null;
      return { ...held, ended_as: status, reason, result, error, expired_only, seen_seq };
    }
  }
}

function cancelledElse(cancelled: string, otherwise: string): string {
  return `CASE WHEN tasks.cancel_requested_at IS NULL THEN ${otherwise} ELSE ${cancelled} END`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}
