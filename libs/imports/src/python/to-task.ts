import type { TerminalStatus } from '@app/contracts';
import type { Row } from '@app/database';
import { countOf, filled, instantOf, numberOf, recordOf, textOf } from './old-value.js';
import { idOf } from './to-session.js';

export interface TaskRows {
  task: Row;
  /** The output of the earlier system as the event log of the task; none when it had none. */
  logs: Row[];
  /** What it used; null when that is not known. */
  metric: Row | null;
  cost_usd: number;
  /** It had not ended. */
  unfinished: boolean;
}

const ENDED: Readonly<Record<string, TerminalStatus>> = {
  completed: 'COMPLETED',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
  canceled: 'CANCELLED',
};
const UNFINISHED =
  'It had not ended in the earlier system when it was imported. It was not run again: submit it anew if it is still wanted.';

/** Null when it has no usable id. `now` stands in for a time that was lost. */
export function toTask(old: Row, sessions: ReadonlySet<string>, now: string): TaskRows | null {
  const id = idOf(old.task_id);
  if (id === null) return null;
  const known = ENDED[textOf(old.status)?.toLowerCase() ?? ''];
  const status = known ?? 'CANCELLED';
  const created = instantOf(old.created_at) ?? instantOf(old.started_at) ?? now;
  const completed = instantOf(old.completed_at) ?? instantOf(old.started_at) ?? created;
  const session = idOf(old.session_id);
  const sessionId = session !== null && sessions.has(session) ? session : null;
  const agent = textOf(old.assigned_agent)?.slice(0, 255) ?? null;
  const cost = numberOf(old.cost_usd) ?? 0;
  const task: Row = {
    task_id: id,
    session_id: sessionId,
    agent,
    prompt: textOf(old.input_message),
    status,
    source: textOf(old.source)?.slice(0, 255) ?? 'import',
    source_metadata: JSON.stringify({
      ...recordOf(old.source_metadata),
      imported: filled({
        user_id: textOf(old.user_id),
        agent_type: textOf(old.agent_type),
        status: textOf(old.status),
        session_id: sessionId === null ? session : null,
      }),
    }),
    // Nothing that was imported may ever run.
    max_attempts: 1,
    attempt: 1,
    result: textOf(old.result),
    error: textOf(old.error) ?? (known === undefined ? UNFINISHED : null),
    created_at: created,
    queued_at: created,
    started_at: instantOf(old.started_at),
    completed_at: completed,
    duration_seconds: numberOf(old.duration_seconds),
    cost_usd: cost,
    input_tokens: countOf(old.input_tokens),
    output_tokens: countOf(old.output_tokens),
    parent_task_id: idOf(old.parent_task_id),
    flow_id: idOf(old.flow_id),
    last_seq: 0,
  };
  const logs = logsOf(task, status, textOf(old.output_stream));
  task.last_seq = logs.length;
  return { task, logs, metric: metricOf(task), cost_usd: cost, unfinished: known === undefined };
}

function logsOf(task: Row, status: TerminalStatus, output: string | null): Row[] {
  if (output === null) return [];
  const end = {
    status,
    reason: null,
    result: task.result,
    cost_usd: task.cost_usd,
    num_turns: 0,
    duration_seconds: task.duration_seconds,
    ...(status === 'FAILED' ? { error: task.error ?? '' } : {}),
  };
  const row = (seq: number, at: unknown, type: string, data: object): Row => ({
    task_id: task.task_id,
    seq,
    at,
    type,
    data: JSON.stringify(data),
    fence: 0,
  });
  const text = { kind: 'text', text: output, message_id: 'import' };
  return [
    row(1, task.started_at ?? task.created_at, 'task.message', text),
    row(2, task.completed_at, `task.${status.toLowerCase()}`, end),
  ];
}

function metricOf(task: Row): Row | null {
  if (task.cost_usd === 0 && task.input_tokens === 0 && task.output_tokens === 0) return null;
  return {
    // One for each task, and the same at each import.
    metric_id: task.task_id,
    task_id: task.task_id,
    session_id: task.session_id,
    agent: task.agent,
    model: 'unknown',
    input_tokens: task.input_tokens,
    output_tokens: task.output_tokens,
    cost_usd: task.cost_usd,
    cost_basis: 'import',
    at: task.completed_at,
  };
}
