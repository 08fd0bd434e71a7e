import type { TaskEvent, TaskStatus, TaskShape } from '@app/contracts';
import type { ApiClient } from './client/api-client.js';
import { watchTask } from './client/watch-task.js';
import { Screen } from './render/screen.js';
import { toJsonLine } from './render/strip-controls.js';
import { showSummary } from './render/summary.js';
import { TaskRenderer } from './render/task-renderer.js';

export interface FollowOptions {
  /** Events as lines of JSON instead of text for people. */
  json: boolean;
  /** Ctrl-C once cancels the task; otherwise it ends the watching alone. */
  cancelOnInterrupt: boolean;
  onEvent?: (event: TaskEvent) => void;
  signal?: AbortSignal;
}

const INTERRUPTED = 130;
const TICK_MS = 1000;

/** Shows a task to its end. Returns the exit code: 0 completed, 1 failed, 130 cancelled or no longer watched. */
export async function followTask(client: ApiClient, taskId: string, options: FollowOptions): Promise<number> {
  const screen = Screen.ofTerminal();
  const renderer = new TaskRenderer(screen);
  const stopped = new AbortController();
  const startedAt = Date.now();
  let state = 'waiting';
  const tick = (): void => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    screen.setStatus(`${state} · ${seconds} s · Ctrl-C ${options.cancelOnInterrupt ? 'cancels' : 'leaves'}`);
  };
  const say = (text: string): void => {
    if (options.json) process.stderr.write(`${text}\n`);
    else screen.line(screen.colors.dim(text));
  };
  const interrupt = onInterrupt(client, taskId, { ...options, say, stop: () => stopped.abort() });
  const timer = options.json ? null : setInterval(tick, TICK_MS);
  process.on('SIGINT', interrupt);
  try {
    await watchTask(client.access, {
      taskId,
      signal: options.signal ? AbortSignal.any([stopped.signal, options.signal]) : stopped.signal,
      onEvent: (event) => {
        options.onEvent?.(event);
        state = stateAfter(event) ?? state;
        if (options.json) process.stdout.write(toJsonLine(event));
        else renderer.show(event);
      },
      onConnection: (change) =>
        say(change === 'lost' ? 'connection lost; trying again …' : 'connected again'),
    });
  } finally {
    process.off('SIGINT', interrupt);
    if (timer) clearInterval(timer);
    screen.setStatus('');
    screen.endLine();
  }
  options.signal?.throwIfAborted();
  if (stopped.signal.aborted) return INTERRUPTED;
  const task = await client.get<TaskShape>(`/api/tasks/${encodeURIComponent(taskId)}`);
  if (!options.json) showSummary(screen, task);
  return exitCodeOf(task.status);
}

interface Interruption extends FollowOptions {
  say: (text: string) => void;
  stop: () => void;
}

function onInterrupt(client: ApiClient, taskId: string, options: Interruption): () => void {
  let pressed = false;
  return () => {
    if (pressed || !options.cancelOnInterrupt) {
      options.say(`No longer watching. See the task with \`claude-agent task watch ${taskId}\`.`);
      return options.stop();
    }
    pressed = true;
    options.say('Cancelling … (Ctrl-C again leaves at once)');
    client.post(`/api/tasks/${encodeURIComponent(taskId)}/cancel`).catch((error: unknown) => {
      // It may have ended in this moment: then its end is shown anyway.
      options.say(error instanceof Error ? error.message : 'The task could not be cancelled.');
    });
  };
}

function stateAfter({ type }: TaskEvent): string | null {
  switch (type) {
    case 'task.queued':
    case 'task.waiting':
      return 'waiting';
    case 'task.started':
    case 'task.approval_resolved':
      return 'working';
    case 'task.approval_requested':
      return 'waiting for a decision';
    case 'task.interrupted':
      return 'stopping';
    default:
      return null;
  }
}

function exitCodeOf(status: TaskStatus): number {
  if (status === 'COMPLETED') return 0;
  return status === 'CANCELLED' ? INTERRUPTED : 1;
}
