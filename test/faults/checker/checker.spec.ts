import { describe, expect, it } from '@jest/globals';
import { checkHistory } from './check-history.js';
import { cleanHistory, RUN, SECOND_RUN } from './clean-history.js';
import { markOf } from './claims.js';
import type { Answer, History, LogRow, TaskRow, WatcherRecording } from './history.js';

type Break = [invariant: string, title: string, damage: (history: History) => void];

/** Each damages a clean history in one way that only the named invariant forbids first. */
const BREAKS: Break[] = [
  ['I1', 'an accepted task has no row', ({ database }) => void database.tasks.splice(1, 1)],
  ['I1', 'an accepted task never ended', (history) => (task(history, 't1').status = 'RUNNING')],
  ['I1', 'a task ended without telling it', ({ database }) => remove(database.log, 't2', 3)],
  ['I1', 'a task ended twice', (history) => append(history, 't2', 'task.failed')],
  ['I1', 'a task came from nowhere', ({ client }) => void client.splice(0, client.length)],
  ['I2', 'a told end changed', (history) => (task(history, 't1').status = 'FAILED')],
  ['I2', 'a watcher was told another end', (history) => (lastFrame(history).type = 'task.failed')],
  ['I2', 'something follows the end', (history) => append(history, 't2', 'task.output')],
  ['I3', 'a fence falls', ({ database }) => set(database.log, 't1', 8, { fence: 1 })],
  ['I3', 'a zombie wrote', (history) => write(history, 8, markOf(RUN, 2), 3)],
  [
    'I3',
    'two runs wrote under one fence',
    (history) => write(history, 8, markOf(RUN.replace('0', '1'), 1), 3),
  ],
  ['I3', 'output of a run is missing', (history) => write(history, 7, markOf(SECOND_RUN, 2), 3)],
  ['I3', 'output of a run came twice', (history) => write(history, 8, markOf(SECOND_RUN, 2), 3)],
  ['I3', 'an event is above the fence of its row', (history) => (task(history, 't1').fence = 2)],
  ['I3', 'more attempts than allowed', (history) => (task(history, 't1').attempt = 3)],
  ['I3', 'it was lost more often than allowed', (history) => (task(history, 't1').max_attempts = 1)],
  ['I3', 'two runs at work at once', ({ runs }) => void runs.push({ ...first(runs), what: 'step', at: 502 })],
  ['I4', 'an event is missing', ({ database }) => remove(database.log, 't1', 4)],
  ['I4', 'the last event is missing', (history) => (task(history, 't2').last_seq = 4)],
  ['I4', 'a log has no row', ({ database }) => set(database.log, 't2', 1, { task_id: 't3' })],
  ['I5', 'a frame was lost', (history) => void frames(history, 0).splice(2, 1)],
  ['I5', 'a frame came twice', (history) => void frames(history, 0).push(...frames(history, 0).slice(-1))],
  ['I5', 'a byte differs', (history) => (lastFrame(history).data = '{ }')],
  ['I5', 'the tail was lost', (history) => void frames(history, 1).pop()],
  ['I5', 'it went on at another place', (history) => (connection(history, 1).after = 4)],
  ['I5', 'it saw what was never stored', ({ watchers }) => beyond(watchers[0])],
  ['I6', 'one key made two tasks', (history) => (task(history, 't2').idempotency_key = 'k1')],
  ['I6', 'one key was answered with two tasks', ({ client }) => renamed(client)],
  ['I7', 'a process survived', ({ survivors }) => void survivors.push({ pid: 1, runId: RUN, command: 'sh' })],
  ['I8', 'a task waits for ever', (history) => (task(history, 't2').status = 'QUEUED')],
  ['I8', 'a bell was left', ({ database }) => (database.outbox = 1)],
  ['I8', 'a job was left', ({ jobs }) => Object.assign(jobs ?? {}, { delayed: 1 })],
  ['I9', 'a request hung', (history) => (answer(history).tookMs = 10_100)],
  [
    'I9',
    'an outage was told late',
    (history) => Object.assign(answer(history), { status: 503, retryAfter: '1', tookMs: 2100 }),
  ],
  ['I9', 'a 503 came without Retry-After', (history) => Object.assign(answer(history), { status: 503 })],
  ['I9', 'an outage was answered with a bug', (history) => Object.assign(answer(history), { status: 500 })],
  ['I9', 'a healthy node gave no answer', ({ faults }) => void faults.splice(0, 1)],
  ['I10', 'a backup is damaged', ({ restored }) => Object.assign(restored ?? {}, { integrity: 'page 3' })],
  ['I10', 'a backup lacks an event', ({ restored }) => remove(restored?.database.log ?? [], 't2', 2)],
  [
    'I10',
    'a backup knows another end',
    ({ restored }) => Object.assign(restored?.database.tasks[0] ?? {}, { status: 'FAILED' }),
  ],
];

describe('the checker', () => {
  it('passes a clean history', () => {
    expect(checkHistory(cleanHistory())).toEqual([]);
  });

  it.each(BREAKS)('finds %s broken when %s', (invariant, _title, damage) => {
    const history = cleanHistory();
    damage(history);
    expect(checkHistory(history).map((breach) => breach.invariant)).toContain(invariant);
  });

  it('excuses a halted process that goes on for a moment, and no other', () => {
    const history = cleanHistory();
    history.runs.push({ ...first(history.runs), what: 'step', at: 502 });
    history.faults.push({ what: 'paused', node: 'w1', from: 100, until: 501 });
    expect(checkHistory(history)).toEqual([]);
    history.faults.pop();
    history.faults.push({ what: 'paused', node: 'w2', from: 100, until: 501 });
    expect(checkHistory(history)).not.toEqual([]);
  });
});

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the clean history lacks what should be damaged');
  return value;
}

const task = ({ database }: History, taskId: string): TaskRow =>
  found(database.tasks.find(({ task_id }) => task_id === taskId));
const at = (log: LogRow[], taskId: string, seq: number): LogRow =>
  found(log.find((row) => row.task_id === taskId && row.seq === seq));
const set = (log: LogRow[], taskId: string, seq: number, change: Partial<LogRow>): void =>
  void Object.assign(at(log, taskId, seq), change);
const remove = (log: LogRow[], taskId: string, seq: number): void =>
  void log.splice(log.indexOf(at(log, taskId, seq)), 1);
const first = <T>(list: readonly T[]): T => found(list[0]);
const connection = ({ watchers }: History, index: number) => found(watchers[0]?.connections[index]);
const frames = (history: History, index: number) => connection(history, index).frames;
const lastFrame = (history: History) => found(frames(history, 1).at(-1));

function append(history: History, taskId: string, type: string): void {
  const row = task(history, taskId);
  row.last_seq += 1;
  history.database.log.push({
    task_id: taskId,
    seq: row.last_seq,
    type,
    at: '',
    data: '{}',
    fence: row.fence,
  });
}

function write({ database }: History, seq: number, text: string, fence: number): void {
  set(database.log, 't1', seq, { type: 'task.output', data: JSON.stringify({ text }), fence });
}

function answer({ client }: History): Answer {
  return found(client.flatMap((entry) => (entry.kind === 'answer' ? [entry.answer] : []))[0]);
}

function renamed(client: History['client']): void {
  const entry = found(client.find(({ kind }) => kind === 'answer'));
  if (entry.kind === 'answer') client.push({ ...entry, answer: { ...entry.answer, taskId: 't2' } });
}

function beyond(watcher: WatcherRecording | undefined): void {
  found(watcher?.connections[1]).frames.push({ seq: 9, type: 'task.output', at: '', data: '{}' });
}
