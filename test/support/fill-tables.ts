import type { Dialect } from '@app/database';

/** How many of each there are, and the tasks by age: most have ended; the newest wait. */
export interface Crowd {
  tasks: number;
  sessions: number;
  queued: number;
  parked: number;
  running: number;
  events: number;
  outbox: number;
}

export const MILLION: Crowd = {
  tasks: 1_000_000,
  sessions: 200_000,
  queued: 4_000,
  parked: 300,
  running: 50,
  events: 2_000_000,
  outbox: 2_000,
};

const DAYS = 90;

/**
 * Ninety days of a busy service, made inside of the database: a million rows take it less than a minute. No chance is
 * involved, so every run measures the same table. Agent `planning` never fails and `retry` never meets `reviewer`: the
 * filters that find nothing are the hard ones.
 */
export async function fillTables(
  execute: (sql: string) => Promise<unknown>,
  dialect: Dialect,
  crowd: Crowd,
): Promise<void> {
  const { series, instant, hex } = SPOKEN[dialect];
  const at = (number: string): string =>
    instant(`${Date.now() / 1000} - (${crowd.tasks} - ${number}) * ${(DAYS * 86_400) / crowd.tasks}`);
  const heldUntil = new Date(Date.now() + 500_000).toISOString();
  const id = (kind: string, number: string): string =>
    `'0199${kind}-' || substr(${hex(number)}, 5, 4) || '-7000-8000-' || ${hex(number)}`;
  // Ten conversations take turns in each stretch of fifty tasks; one goes on all the time.
  const session = `CASE WHEN n % 500 = 7 THEN 0 ELSE (n / 50) * 10 + ${mixed(2)} % 10 END`;
  const status = `CASE WHEN n > ${crowd.tasks - crowd.queued} THEN 'QUEUED'
    WHEN n > ${crowd.tasks - crowd.queued - crowd.parked} THEN 'WAITING'
    WHEN n > ${crowd.tasks - crowd.queued - crowd.parked - crowd.running} THEN 'RUNNING'
    WHEN ${mixed(0)} < 7 AND ${mixed(1)} NOT BETWEEN 40 AND 64 THEN 'FAILED'
    WHEN ${mixed(0)} < 10 THEN 'CANCELLED' ELSE 'COMPLETED' END`;
  const agent = `CASE WHEN n % 10009 = 7 THEN 'seldom' WHEN ${mixed(1)} < 40 THEN 'executor' WHEN ${mixed(1)} < 65 THEN 'planning'
    WHEN ${mixed(1)} < 80 THEN 'reviewer' END`;
  const source = `CASE WHEN ${mixed(3)} < 60 THEN 'api' WHEN ${mixed(3)} < 80 THEN 'dashboard'
    WHEN ${mixed(3)} < 97 OR ${mixed(1)} BETWEEN 65 AND 79 THEN 'cli' ELSE 'retry' END`;
  await execute(`
    INSERT INTO sessions (session_id, title, created_at, last_activity_at, total_tasks)
    SELECT ${id('0000', 'n')}, 'A session', ${at('n * 5')}, ${at('n * 5')}, 5
    FROM ${series(crowd.sessions)}`);
  await execute(`
    INSERT INTO tasks (task_id, session_id, agent, source, status, prompt, result, created_at, queued_at,
      priority, lease_owner, lease_until, not_before, fence, last_seq, idempotency_key)
    SELECT ${id('1111', 'n')}, ${id('0000', session)}, agent, source, status,
      'Please look at matter ' || n || ' of the house. ' || ${SPOKEN[dialect].repeat('What it asks for is long. ', `n % 40`)},
      CASE WHEN status = 'COMPLETED' THEN ${SPOKEN[dialect].repeat('What was done is told here. ', 'n % 50')} END,
      ${at('n')}, ${at('n')}, n % 3,
      CASE WHEN status = 'RUNNING' THEN 'machine-' || n % 7 END,
      CASE WHEN status = 'RUNNING' THEN '${heldUntil}' END,
      CASE WHEN status = 'WAITING' THEN '2999-01-01T00:00:00.000Z' END,
      1, 2, CASE WHEN n % 4 = 0 THEN 'key-' || n END
    FROM (SELECT n, ${status} AS status, ${agent} AS agent, ${source} AS source FROM ${series(crowd.tasks)}) one`);
  await execute(`
    INSERT INTO task_logs (task_id, seq, at, type, data)
    SELECT ${id('1111', '(n + 1) / 2')}, 1 + (n + 1) % 2, ${at('(n + 1) / 2')}, 'task.note', '{"kind":"bench"}'
    FROM ${series(crowd.events)}`);
  await execute(`
    INSERT INTO outbox (outbox_id, task_id, generation)
    SELECT ${id('2222', 'n')}, ${id('1111', `${crowd.tasks - crowd.outbox} + n`)}, 1 FROM ${series(crowd.outbox)}`);
}

/** About when the nth task was made. */
export function instantOf({ tasks }: Crowd, number: number): string {
  return new Date(Date.now() - (tasks - number) * ((DAYS * 86_400_000) / tasks)).toISOString();
}

/** The id of the nth task. */
export const taskId = (number: number): string => idOf('1111', number);

/** The id of the nth session; that of the longest is the 0th. */
export const sessionId = (number: number): string => idOf('0000', number);

function idOf(kind: string, number: number): string {
  const hex = number.toString(16).padStart(12, '0');
  return `0199${kind}-${hex.slice(4, 8)}-7000-8000-${hex}`;
}

/** 0 to 99, each as often; with another salt it is independent, because the primes are others. */
function mixed(salt: 0 | 1 | 2 | 3): string {
  const factor = [3571, 6389, 4243, 7919][salt];
  const prime = [10_007, 10_009, 10_037, 10_039][salt];
  return `(((n * ${factor}) % ${prime}) % 100)`;
}

const SPOKEN = {
  sqlite: {
    series: (count: number) =>
      `(WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ${count}) SELECT n FROM counted) numbers`,
    instant: (seconds: string) => `strftime('%Y-%m-%dT%H:%M:%fZ', ${seconds}, 'unixepoch')`,
    hex: (number: string) => `printf('%012x', ${number})`,
    repeat: (text: string, times: string) => `replace(hex(zeroblob(${times})), '00', '${text}')`,
  },
  postgres: {
    series: (count: number) => `generate_series(1::bigint, ${count}) AS numbers(n)`,
    instant: (seconds: string) =>
      `to_char(to_timestamp(${seconds}) AT TIME ZONE 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
    hex: (number: string) => `lpad(to_hex(${number}), 12, '0')`,
    repeat: (text: string, times: string) => `repeat('${text}', (${times})::int)`,
  },
} as const;
