import { withConnection } from './connect-plain.js';

const LISTED = 10;

/** What is wrong, each with up to ten ids; empty when all is well. */
export type TaskFaults = { fault: string; tasks: string[] }[];

const TERMINAL = "('COMPLETED', 'FAILED', 'CANCELLED')";
const TERMINAL_EVENTS = "('task.completed', 'task.failed', 'task.cancelled')";

/**
 * Whether the tasks in a SQLite file agree with their event logs. A row that was made by hand has no events, and that
 * is well. Also runs SQLite's own integrity check.
 */
export function checkTasks(file: string): Promise<TaskFaults> {
  return withConnection({ kind: 'sqlite', file }, async (runner) => {
    const faults: TaskFaults = [];
    const [first] = (await runner.query('PRAGMA integrity_check(1)')) as { integrity_check: string }[];
    if (first?.integrity_check !== 'ok') faults.push({ fault: 'the database file is damaged', tasks: [] });
    for (const [fault, sql] of Object.entries(FAULTS)) {
      const rows = (await runner.query(`${sql} LIMIT ${LISTED}`)) as { task_id: string }[];
      if (rows.length > 0) faults.push({ fault, tasks: rows.map(({ task_id: id }) => id) });
    }
    return faults;
  });
}

const FAULTS: Record<string, string> = {
  'the events of a task are not 1 to n': `SELECT task_id FROM task_logs GROUP BY task_id
    HAVING min(seq) <> 1 OR max(seq) <> count(*)`,
  'a task counts other events than it has': `SELECT task_id FROM tasks t WHERE last_seq <>
    (SELECT count(*) FROM task_logs l WHERE l.task_id = t.task_id)`,
  'a task ended twice': `SELECT task_id FROM task_logs WHERE type IN ${TERMINAL_EVENTS}
    GROUP BY task_id HAVING count(*) > 1`,
  'a task with an end is not ended': `SELECT l.task_id FROM task_logs l JOIN tasks t ON t.task_id = l.task_id
    WHERE l.type IN ${TERMINAL_EVENTS} AND 'task.' || lower(t.status) <> l.type`,
  'a task ended without an event': `SELECT task_id FROM tasks t WHERE status IN ${TERMINAL} AND last_seq > 0
    AND NOT EXISTS (SELECT 1 FROM task_logs l WHERE l.task_id = t.task_id AND l.type IN ${TERMINAL_EVENTS})`,
  'an event belongs to no task': `SELECT task_id FROM task_logs l
    WHERE NOT EXISTS (SELECT 1 FROM tasks t WHERE t.task_id = l.task_id)`,
};
