import type { Breach, ClientEntry, FaultWindow, History } from './history.js';

/** A refusal has nothing to wait for. Work that is done may take longer on a busy machine, but that is no hang. */
const REFUSAL_LIMIT_MS = 2000;
const ANSWER_LIMIT_MS = 10_000;
/** How long before and after a fault of a node a request to it may be lost. */
const EDGE_MS = 500;

/** I7: no process of a run survives it. */
export function noProcessSurvives({ survivors }: History): Breach[] {
  return survivors.map(({ pid, runId, command }) => ({
    invariant: 'I7',
    subject: `process ${pid}`,
    what: `of run ${runId} survived: ${command}`,
  }));
}

type Sent = Extract<ClientEntry, { kind: 'answer' | 'no-answer' }>;

/**
 * I9: a dependency that is down gives 503 with Retry-After within two seconds, never a hang and never another
 * failure; only a request to a node that was itself killed or halted may go without an answer.
 */
export function outagesAreAnswered({ client, faults }: History): Breach[] {
  return client
    .filter((entry): entry is Sent => entry.kind === 'answer' || entry.kind === 'no-answer')
    .flatMap((entry) => {
      const what = problemOf(entry);
      return what === null || isExcused(entry, faults)
        ? []
        : [{ invariant: 'I9', subject: `${entry.request} to ${entry.node}`, what }];
    });
}

function problemOf(entry: Sent): string | null {
  if (entry.kind === 'no-answer') return `got no answer for ${Math.round(entry.tookMs)} ms`;
  const { status, code, tookMs, retryAfter } = entry.answer;
  if (tookMs > (status >= 500 ? REFUSAL_LIMIT_MS : ANSWER_LIMIT_MS))
    return `was answered ${status} after ${Math.round(tookMs)} ms`;
  if (status === 503 && retryAfter === null) return `was answered 503 ${code} without Retry-After`;
  if (status >= 500 && status !== 503 && status !== 507) return `was answered ${status} ${code}`;
  return null;
}

function isExcused(entry: Sent, faults: readonly FaultWindow[]): boolean {
  const tookMs = entry.kind === 'answer' ? entry.answer.tookMs : entry.tookMs;
  return faults.some(
    ({ what, node, from, until }) =>
      (what === 'down' || what === 'paused') &&
      node === entry.node &&
      from <= entry.at + EDGE_MS &&
      until >= entry.at - tookMs - EDGE_MS,
  );
}
