import {
  endTold,
  groupBy,
  isOver,
  logsByTask,
  type Breach,
  type DatabaseDump,
  type History,
} from './history.js';

/** I2: a terminal state that anybody was told never changes, and is the one that the row has. */
export function endsNeverChange(history: History): Breach[] {
  const told = [
    ...history.client.flatMap((entry) =>
      entry.kind === 'seen' && isOver(entry.status) ? [{ taskId: entry.taskId, status: entry.status }] : [],
    ),
    ...history.watchers.flatMap(({ taskId, connections }) =>
      connections
        .flatMap(({ frames }) => frames)
        .flatMap(({ type }) => {
          const status = endTold(type);
          return status === null ? [] : [{ taskId, status }];
        }),
    ),
  ];
  const rows = new Map(history.database.tasks.map((row) => [row.task_id, row.status]));
  const breaches = [...groupBy(told, ({ taskId }) => taskId)].flatMap(([taskId, ends]) => {
    const now = rows.get(taskId) ?? 'gone';
    const other = ends.find(({ status }) => status !== now);
    return other
      ? [{ invariant: 'I2', subject: taskId, what: `was told as ${other.status} and is ${now}` }]
      : [];
  });
  return [...breaches, ...endsAgree(history.database, 'I2')];
}

/** What the row and its log say about the end is the same, and nothing follows the end. */
export function endsAgree({ tasks, log }: DatabaseDump, invariant: string): Breach[] {
  const logs = logsByTask(log);
  return tasks.flatMap((row) => {
    const events = logs.get(row.task_id) ?? [];
    const end = events.findIndex(({ type }) => endTold(type) !== null);
    if (end === -1) return [];
    const status = endTold(events[end]?.type ?? '');
    if (status !== row.status)
      return [{ invariant, subject: row.task_id, what: `is ${row.status}, but its log ends as ${status}` }];
    return end === events.length - 1
      ? []
      : [{ invariant, subject: row.task_id, what: `has events after its end at ${events[end]?.seq}` }];
  });
}

/** I4: a task's events are exactly 1..n, and n is what its row says. */
export function logsAreComplete({ tasks, log }: DatabaseDump, invariant = 'I4'): Breach[] {
  const logs = logsByTask(log);
  const known = new Set(tasks.map(({ task_id }) => task_id));
  const orphans = [...logs.keys()].filter((taskId) => !known.has(taskId));
  const gaps = tasks.flatMap((row) => {
    const seqs = (logs.get(row.task_id) ?? []).map(({ seq }) => seq);
    const wrong = seqs.findIndex((seq, index) => seq !== index + 1);
    if (wrong !== -1)
      return [{ invariant, subject: row.task_id, what: `has ${seqs[wrong]} where ${wrong + 1} should be` }];
    return seqs.length === row.last_seq
      ? []
      : [{ invariant, subject: row.task_id, what: `has ${seqs.length} events and says ${row.last_seq}` }];
  });
  return [...orphans.map((subject) => ({ invariant, subject, what: 'has events and no row' })), ...gaps];
}

/** I8: at rest nothing waits: no job in Redis, no bell in the outbox, no task that is not over. */
export function nothingIsLeftToDo({ database, jobs }: History): Breach[] {
  const left = database.tasks
    .filter(({ status }) => !isOver(status))
    .map(({ task_id, status }) => ({ invariant: 'I8', subject: task_id, what: `is ${status}` }));
  const counted = { 'bells in the outbox': database.outbox, ...jobs };
  const waiting = Object.entries(counted)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => ({ invariant: 'I8', subject: 'queue', what: `${count} ${what}` }));
  return [...left, ...waiting];
}

/** I10: a restored backup is whole, its logs are complete, and what had ended there ended so here. */
export function restoredBackupIsTrue({ restored, database }: History): Breach[] {
  if (!restored) return [];
  const now = new Map(database.tasks.map((row) => [row.task_id, row.status]));
  const changed = restored.database.tasks
    .filter(({ task_id, status }) => isOver(status) && now.get(task_id) !== status)
    .map(({ task_id, status }) => ({
      invariant: 'I10',
      subject: task_id,
      what: `was ${status} in the backup and is ${now.get(task_id) ?? 'gone'}`,
    }));
  return [
    ...(restored.integrity === 'ok'
      ? []
      : [{ invariant: 'I10', subject: 'backup', what: `its integrity check says ${restored.integrity}` }]),
    ...logsAreComplete(restored.database, 'I10'),
    ...endsAgree(restored.database, 'I10'),
    ...changed,
  ];
}
