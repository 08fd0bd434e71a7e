import { logsByTask, type Breach, type History, type LogRow, type WatcherRecording } from './history.js';

/** I5: what each watcher put together, frame after frame over all its connections, is the log, byte for byte. */
export function watchersSawTheLog({ watchers, database }: History): Breach[] {
  const logs = logsByTask(database.log);
  return watchers.flatMap((watcher) => {
    const what = compare(watcher, logs.get(watcher.taskId) ?? []);
    return what === null ? [] : [{ invariant: 'I5', subject: `${watcher.name} of ${watcher.taskId}`, what }];
  });
}

function compare({ connections, finished }: WatcherRecording, log: readonly LogRow[]): string | null {
  let applied = 0;
  for (const { after, frames } of connections) {
    if (after !== applied) return `connected after ${after} although it had ${applied}`;
    for (const frame of frames) {
      if (frame.seq !== applied + 1) return `got ${frame.seq} where ${applied + 1} should have come`;
      const row = log[applied];
      if (!row) return `got ${frame.seq}, which the log does not have`;
      for (const field of ['type', 'at', 'data'] as const)
        if (frame[field] !== row[field])
          return `got another ${field} for ${frame.seq}: ${excerpt(frame[field])} instead of ${excerpt(row[field])}`;
      applied = frame.seq;
    }
  }
  if (finished && applied !== log.length) return `saw ${applied} of ${log.length} events`;
  return null;
}

const excerpt = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
