import type { TaskShape } from '@app/contracts';
import type { Screen } from './screen.js';
import { stripControls } from './strip-controls.js';

/** How the task ended, what it took, and how to go on. */
export function showSummary(screen: Screen, task: TaskShape): void {
  const { colors } = screen;
  const paint =
    task.status === 'COMPLETED' ? colors.green : task.status === 'FAILED' ? colors.red : colors.yellow;
  screen.line('');
  screen.line(`${paint(colors.bold(task.status))}${task.reason ? `  ${task.reason.title}` : ''}`);
  if (task.status === 'FAILED' && task.error) screen.line(stripControls(task.error));
  if (task.status === 'FAILED' && task.reason) screen.line(task.reason.remedy);
  screen.line(colors.dim(describeUse(task)));
  if (task.session_id === null) return;
  screen.line(colors.dim(`Session ${task.session_id}. Go on with:`));
  screen.line(colors.dim(`  claude-agent task run --session ${task.session_id} "…"`));
}

function describeUse(task: TaskShape): string {
  const cached = task.cache_read_tokens + task.cache_write_tokens;
  const tokens = `${task.input_tokens + cached} tokens in, ${task.output_tokens} out`;
  const time = task.duration_seconds === null ? '' : `${task.duration_seconds.toFixed(1)} s, `;
  return `Task ${task.task_id}: ${time}$${task.cost_usd.toFixed(4)}, ${tokens}, ${task.num_turns} ${task.num_turns === 1 ? 'turn' : 'turns'}`;
}
