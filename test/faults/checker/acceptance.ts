import {
  endTold,
  groupBy,
  isOver,
  logsByTask,
  type Breach,
  type ClientEntry,
  type History,
} from './history.js';

type Accepted = Extract<ClientEntry, { kind: 'answer' }> & { key: string };

const accepted = (history: History): Accepted[] =>
  history.client.filter(
    (entry): entry is Accepted =>
      entry.kind === 'answer' && entry.key !== null && entry.answer.status === 202,
  );

/** I1: every 202 reaches exactly one terminal state; no 202 without a row, and no row that nobody asked for. */
export function everyAcceptedTaskEndsOnce(history: History): Breach[] {
  const breach = (subject: string, what: string): Breach => ({ invariant: 'I1', subject, what });
  const rows = new Map(history.database.tasks.map((row) => [row.task_id, row]));
  const logs = logsByTask(history.database.log);
  const breaches: Breach[] = [];
  for (const { key, answer } of accepted(history)) {
    const row = answer.taskId === null ? undefined : rows.get(answer.taskId);
    if (!row) breaches.push(breach(key, `was accepted as ${answer.taskId}, of which there is no row`));
    else if (!isOver(row.status))
      breaches.push(breach(row.task_id, `was accepted and is still ${row.status}`));
  }
  for (const row of rows.values()) {
    const ends = (logs.get(row.task_id) ?? []).filter(({ type }) => endTold(type) !== null);
    if (isOver(row.status) && ends.length !== 1)
      breaches.push(breach(row.task_id, `is ${row.status} and its log tells ${ends.length} ends`));
  }
  const intents = new Set(history.client.flatMap((entry) => (entry.kind === 'intent' ? [entry.key] : [])));
  for (const { task_id, idempotency_key } of rows.values()) {
    if (idempotency_key !== null && !intents.has(idempotency_key))
      breaches.push(breach(task_id, `has the key ${idempotency_key}, which no client sent`));
  }
  return breaches;
}

/** I6: one task per idempotency key, and every answer names that one. */
export function oneTaskPerKey(history: History): Breach[] {
  const breaches: Breach[] = [];
  const keyed = history.database.tasks.filter((row) => row.idempotency_key !== null);
  for (const [key, rows] of groupBy(keyed, (row) => row.idempotency_key ?? '')) {
    if (rows.length > 1) breaches.push({ invariant: 'I6', subject: key, what: `made ${rows.length} tasks` });
  }
  for (const [key, answers] of groupBy(accepted(history), (entry) => entry.key)) {
    const named = new Set(answers.map(({ answer }) => answer.taskId));
    if (named.size > 1)
      breaches.push({ invariant: 'I6', subject: key, what: `was answered with ${[...named].join(' and ')}` });
  }
  return breaches;
}
