import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  amount,
  bigCount,
  count,
  createTable,
  dialectOf,
  id,
  instant,
  key,
  madeAt,
  name,
  optional,
  required,
  text,
  withDefault,
} from './table-builder.js';

const STATUSES = ['QUEUED', 'RUNNING', 'WAITING', 'COMPLETED', 'FAILED', 'CANCELLED'];

export class Initial1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const made = madeAt(dialectOf(runner));
    await createTable(runner, 'sessions', {
      columns: {
        session_id: key(id()),
        title: name(),
        agent: name(),
        status: withDefault(name(), 'ACTIVE'),
        engine: withDefault(name(), 'claude-code'),
        engine_session_id: id(),
        repository: text(),
        base_ref: name(),
        workspace: text(),
        machine_id: name(),
        created_by: id(),
        total_tasks: count(),
        total_cost_usd: amount(),
        created_at: made,
        last_activity_at: made,
      },
      indexes: [{ name: 'sessions_newest', columns: ['created_at', 'session_id'] }],
    });
    await createTable(runner, 'session_connections', {
      columns: {
        connection_id: key(id()),
        session_id: required(id()),
        connected_at: made,
        disconnected_at: instant(),
        transport: required(name()),
        remote_address: name(),
        user_agent: text(),
        key_id: id(),
      },
      indexes: [
        { name: 'session_connections_by_session', columns: ['session_id', 'connected_at'] },
        { name: 'session_connections_open', columns: ['disconnected_at'] },
      ],
    });
    await createTable(runner, 'tasks', {
      columns: {
        task_id: key(id()),
        session_id: id(),
        agent: name(),
        agent_source: name(),
        agent_digest: name(),
        prompt: text(),
        status: withDefault(name(), 'QUEUED'),
        status_reason: name(),
        source: withDefault(name(), 'manual'),
        source_metadata: text(),
        priority: count(),
        not_before: instant(),
        generation: withDefault(count(), 1),
        fence: count(),
        attempt: count(),
        max_attempts: withDefault(count(), 2),
        lease_owner: name(),
        lease_until: instant(),
        cancel_requested_at: instant(),
        result: text(),
        error: text(),
        created_at: made,
        queued_at: instant(),
        started_at: instant(),
        completed_at: instant(),
        duration_seconds: optional(amount()),
        num_turns: count(),
        cost_usd: amount(),
        input_tokens: bigCount(),
        output_tokens: bigCount(),
        cache_read_tokens: bigCount(),
        cache_write_tokens: bigCount(),
        model: name(),
        limits: text(),
        last_seq: count(),
        parent_task_id: id(),
        flow_id: id(),
        idempotency_key: name(),
        request_digest: name(),
        created_by: id(),
      },
      oneOf: { status: STATUSES },
      indexes: [
        { name: 'tasks_newest', columns: ['created_at', 'task_id'] },
        { name: 'tasks_by_status', columns: ['status', 'created_at', 'task_id'] },
        { name: 'tasks_by_session', columns: ['session_id', 'status', 'created_at', 'task_id'] },
        { name: 'tasks_by_agent', columns: ['agent', 'created_at', 'task_id'] },
        { name: 'tasks_idempotency', columns: ['idempotency_key'], unique: true },
      ],
    });
    await createTable(runner, 'task_logs', {
      columns: {
        task_id: key(id()),
        seq: key(optional(count())),
        at: required(instant()),
        type: required(name()),
        data: required(text()),
        fence: count(),
      },
    });
    await createTable(runner, 'metrics', {
      columns: {
        metric_id: key(id()),
        task_id: required(id()),
        session_id: id(),
        agent: name(),
        model: required(name()),
        input_tokens: bigCount(),
        output_tokens: bigCount(),
        cache_read_tokens: bigCount(),
        cache_write_tokens: bigCount(),
        cost_usd: amount(),
        cost_basis: name(),
        at: made,
      },
      indexes: [
        { name: 'metrics_one_row_per_model', columns: ['task_id', 'model'], unique: true },
        { name: 'metrics_by_time', columns: ['at'] },
      ],
    });
    await createTable(runner, 'outbox', {
      columns: {
        outbox_id: key(id()),
        task_id: required(id()),
        generation: required(optional(count())),
        priority: count(),
        not_before: instant(),
        created_at: made,
      },
    });
    await createTable(runner, 'api_keys', {
      columns: {
        key_id: key(id()),
        name: required(name()),
        role: required(name()),
        kind: withDefault(name(), 'key'),
        parent_key_id: id(),
        key_hash: required(name()),
        key_tail: required(name()),
        created_at: made,
        expires_at: instant(),
        last_used_at: instant(),
        revoked_at: instant(),
      },
      oneOf: { role: ['viewer', 'operator', 'admin'], kind: ['key', 'login'] },
      indexes: [{ name: 'api_keys_by_hash', columns: ['key_hash'], unique: true }],
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'api_keys',
      'outbox',
      'metrics',
      'task_logs',
      'tasks',
      'session_connections',
      'sessions',
    ]) {
      await runner.dropTable(table);
    }
  }
}
