import { groupBy, logsByTask, type Breach, type History, type LogRow, type RunEntry } from './history.js';

/** How long a process that was halted and goes on may need to notice that its claim is lost. */
const WAKING_MS = 3000;

/**
 * I3: fences strictly increase, writes are accepted from the highest only, attempts stay within the policy, and no
 * two runs of a task are at work at the same time.
 */
export function onlyTheHolderWrites(history: History): Breach[] {
  const logs = logsByTask(history.database.log);
  const breaches = history.database.tasks.flatMap((row) => {
    const rows = logs.get(row.task_id) ?? [];
    const what = [...fencesOf(rows), ...writersOf(rows)];
    const highest = Math.max(0, ...rows.map(({ fence }) => fence));
    if (highest > row.fence) what.push(`has an event with fence ${highest} above its own ${row.fence}`);
    // 0: its run never began, so that nothing was written down of what the agent allows.
    const allowed = row.max_attempts || 1;
    const losses = rows.filter((loss) => wasLost(loss) && hadBegun(loss, rows)).length;
    if (row.attempt > allowed || losses >= allowed)
      what.push(`took ${Math.max(row.attempt, losses + 1)} attempts where ${allowed} are allowed`);
    return what.map((text) => ({ invariant: 'I3', subject: row.task_id, what: text }));
  });
  return [...breaches, ...overlaps(history)];
}

function fencesOf(rows: readonly LogRow[]): string[] {
  const back = rows.find((row, index) => index > 0 && row.fence < (rows[index - 1]?.fence ?? 0));
  return back ? [`the fence falls to ${back.fence} at event ${back.seq}`] : [];
}

/** Each piece of output says which run wrote it and the how many-th it is. */
function writersOf(rows: readonly LogRow[]): string[] {
  const pieces = rows.flatMap((row) => marksOf(row).map((mark) => ({ ...mark, fence: row.fence })));
  const found: string[] = [];
  for (const [runId, own] of groupBy(pieces, (piece) => piece.runId)) {
    const fences = new Set(own.map(({ fence }) => fence));
    if (fences.size > 1) found.push(`run ${runId} wrote under the fences ${[...fences].join(', ')}`);
    const wrong = own.findIndex(({ step }, index) => step !== index + 1);
    if (wrong !== -1) found.push(`run ${runId} has step ${own[wrong]?.step} where ${wrong + 1} should be`);
  }
  for (const [fence, own] of groupBy(pieces, (piece) => String(piece.fence))) {
    const runs = new Set(own.map(({ runId }) => runId));
    if (runs.size > 1) found.push(`${runs.size} runs wrote under fence ${fence}`);
  }
  return found;
}

/** What the scripted engine puts into its output: `<run:step>`. */
export const markOf = (runId: string, step: number): string => `<${runId}:${step}>`;
const MARK = /<([0-9a-f-]{36}):(\d+)>/g;

function marksOf({ type, data }: LogRow): { runId: string; step: number }[] {
  if (type !== 'task.output') return [];
  return [...data.matchAll(MARK)].map(([, runId = '', step = '']) => ({ runId, step: Number(step) }));
}

/** Given to another worker because the one that had it was lost; a hand-back does not count as an attempt. */
const wasLost = ({ type, data }: LogRow): boolean => type === 'task.queued' && data.includes('"worker_lost"');

/** Letting a task go raises its fence by one. A claim that is lost before its run begins costs no attempt. */
const hadBegun = (loss: LogRow, rows: readonly LogRow[]): boolean =>
  rows.some(({ type, fence }) => type === 'task.started' && fence === loss.fence - 1);

/** A run that still works after another run of the same task has begun. A halted process cannot know better. */
function overlaps({ runs, faults }: History): Breach[] {
  const breaches: Breach[] = [];
  for (const [key, entries] of groupBy(runs, (entry) => entry.key)) {
    const starts = entries.filter(({ what }) => what === 'started').sort((a, b) => a.at - b.at);
    for (const [index, start] of starts.entries()) {
      const next = starts[index + 1];
      if (!next) continue;
      const late = entries.find(
        (entry) => entry.runId === start.runId && entry.what === 'step' && entry.at > next.at,
      );
      if (late && !wasHalted(late, faults))
        breaches.push({
          invariant: 'I3',
          subject: key,
          what: `run ${late.runId} on ${late.node} went on ${Math.round(late.at - next.at)} ms after run ${next.runId} on ${next.node} began`,
        });
    }
  }
  return breaches;
}

const wasHalted = ({ node, at }: RunEntry, faults: History['faults']): boolean =>
  faults.some(
    (fault) =>
      fault.what === 'paused' && fault.node === node && fault.from <= at && at <= fault.until + WAKING_MS,
  );
