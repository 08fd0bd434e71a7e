import {
  mergeRows,
  readForeignTables,
  type ForeignTables,
  type PlainTarget,
  type Row,
  type RowMerger,
} from '@app/database';
import type { ImportedKind, ImportReport } from '../import-report.js';
import { toSession } from './to-session.js';
import { toTask } from './to-task.js';

/** More would make the report unreadable. */
const MOST_LISTED = 20;

/**
 * Adds the sessions and tasks of the earlier system's database, in one transaction. What is there already, by its id,
 * stays as it is, so an import can be run again.
 */
export function importRows(oldDatabase: string, target: PlainTarget, report: ImportReport): Promise<void> {
  const now = new Date().toISOString();
  return readForeignTables(oldDatabase, (old) =>
    mergeRows(target, async (merger) => {
      const sessions = await importSessions(old, merger, report.sessions, now);
      await importTasks(old, merger, report, sessions, now);
    }),
  );
}

async function importSessions(
  old: ForeignTables,
  merger: RowMerger,
  kind: ImportedKind,
  now: string,
): Promise<Set<string>> {
  const known = new Set<string>();
  if (!(await hasTable(old, 'sessions', 'session_id', kind))) return known;
  for await (const rows of old.rows('sessions')) {
    const converted = rows.map((row) => toSession(row, now) ?? skip(kind, row.session_id));
    const sessions = converted.filter((made) => made !== null);
    const ids = sessions.map(({ session }) => String(session.session_id));
    const present = await merger.present('sessions', 'session_id', ids);
    const fresh = firstOf(sessions, ({ session }) => session.session_id).filter(
      ({ session }) => !present.has(String(session.session_id)),
    );
    await merger.insert(
      'sessions',
      fresh.map(({ session }) => session),
    );
    await merger.insert(
      'session_connections',
      fresh.map(({ connection }) => connection),
    );
    for (const id of ids) known.add(id);
    kind.imported += fresh.length;
    kind.present += present.size;
  }
  return known;
}

async function importTasks(
  old: ForeignTables,
  merger: RowMerger,
  report: ImportReport,
  sessions: ReadonlySet<string>,
  now: string,
): Promise<void> {
  const kind = report.tasks;
  if (!(await hasTable(old, 'tasks', 'task_id', kind))) return;
  let unfinished = 0;
  for await (const rows of old.rows('tasks')) {
    const converted = rows.map((row) => toTask(row, sessions, now) ?? skip(kind, row.task_id));
    const tasks = firstOf(
      converted.filter((made) => made !== null),
      ({ task }) => task.task_id,
    );
    const ids = tasks.map(({ task }) => String(task.task_id));
    const present = await merger.present('tasks', 'task_id', ids);
    const fresh = tasks.filter(({ task }) => !present.has(String(task.task_id)));
    await merger.insert(
      'tasks',
      fresh.map(({ task }) => task),
    );
    await merger.insert(
      'task_logs',
      fresh.flatMap(({ logs }) => logs),
    );
    await merger.insert(
      'metrics',
      fresh.flatMap(({ metric }) => (metric ? [metric] : [])),
    );
    kind.imported += fresh.length;
    kind.present += present.size;
    for (const made of fresh) {
      report.cost_usd += made.cost_usd;
      if (made.unfinished) unfinished += 1;
    }
  }
  if (unfinished > 0) {
    report.notes.push(
      `Tasks that had not ended in the earlier system: ${unfinished}. They are CANCELLED here and were not run: submit them anew if they are still wanted.`,
    );
  }
}

async function hasTable(
  old: ForeignTables,
  table: string,
  key: string,
  kind: ImportedKind,
): Promise<boolean> {
  const columns = await old.columns(table);
  if (columns.includes(key)) return true;
  const why = columns.length === 0 ? 'there is no such table' : `the table has no column ${key}`;
  kind.skipped.push({ name: table, why });
  return false;
}

/** Of several with one id, the first. */
function firstOf<T>(made: readonly T[], idOf: (one: T) => unknown): T[] {
  return [...new Map([...made].reverse().map((one) => [idOf(one), one])).values()].reverse();
}

function skip(kind: ImportedKind, id: Row[string]): null {
  if (kind.skipped.length < MOST_LISTED)
    kind.skipped.push({
      name: typeof id === 'string' ? id.slice(0, 80) : '(none)',
      why: 'its id is missing or too long',
    });
  return null;
}
