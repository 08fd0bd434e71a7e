import type { Removal } from './clean-workspaces.js';
import type { EndedTaskLog, EndedTaskLogs } from './ports.js';

/** One transaction removes no more than this, so that tasks that run need not wait for long. */
const BATCH_BYTES = 2_000_000;

/** Removes the events of tasks that ended long ago: of each all, or none. */
export async function cleanLogs(
  logs: EndedTaskLogs,
  before: string,
  { signal, report, step }: Removal,
): Promise<void> {
  let behind: EndedTaskLog | null = null;
  for (;;) {
    const page: EndedTaskLog[] = await logs.endedBefore(before, behind);
    for (const batch of batches(page)) {
      signal.throwIfAborted();
      if (!report.dryRun) await logs.forget(batch.map(({ task_id: id }) => id));
      for (const { task_id: name, bytes, completed_at: at } of batch) {
        report.add({ kind: 'logs', name, bytes, last_used_at: at });
      }
      await step('logs');
    }
    behind = page.at(-1) ?? null;
    if (!behind) return;
  }
}

function batches(page: readonly EndedTaskLog[]): EndedTaskLog[][] {
  const made: EndedTaskLog[][] = [];
  let bytes = Infinity;
  for (const log of page) {
    if (bytes + log.bytes > BATCH_BYTES) {
      made.push([]);
      bytes = 0;
    }
    bytes += log.bytes;
    made.at(-1)?.push(log);
  }
  return made;
}
