import type { TaskShape } from '@app/contracts';
import type { Command } from 'commander';
import { connect } from '../client/connect.js';
import { endWith } from '../end-with.js';
import { followTask } from '../follow-task.js';
import { Screen } from '../render/screen.js';
import { stripControls, toJsonLine } from '../render/strip-controls.js';
import { showSummary } from '../render/summary.js';

const pathOf = (taskId: string): string => `/api/tasks/${encodeURIComponent(taskId)}`;

export function addTaskShow(task: Command): void {
  task
    .command('show')
    .description('show a task: its prompt, its result, what it took')
    .argument('<task-id>')
    .option('--json', 'as JSON')
    .action(async (taskId: string, { json }: { json?: boolean }, command: Command) => {
      const found = await (await connect(command)).get<TaskShape>(pathOf(taskId));
      if (json) {
        process.stdout.write(toJsonLine(found));
        return;
      }
      const screen = Screen.ofTerminal();
      screen.line(screen.colors.bold(stripControls(found.prompt ?? '')));
      if (found.result !== null) screen.line(`\n${stripControls(found.result)}`);
      showSummary(screen, found);
    });
}

export function addTaskWatch(task: Command): void {
  task
    .command('watch')
    .description('show a task from its beginning to its end; Ctrl-C stops watching, not the task')
    .argument('<task-id>')
    .option('--json', 'events as one JSON object per line')
    .action(async (taskId: string, { json }: { json?: boolean }, command: Command) => {
      const options = { json: json === true, cancelOnInterrupt: false };
      endWith(await followTask(await connect(command), taskId, options));
    });
}

export function addTaskCancel(task: Command): void {
  task
    .command('cancel')
    .description('stop a task')
    .argument('<task-id>')
    .action(async (taskId: string, _options: object, command: Command) => {
      const client = await connect(command);
      const { status } = await client.post<TaskShape>(`${pathOf(taskId)}/cancel`);
      process.stdout.write(status === 'CANCELLED' ? 'CANCELLED\n' : 'Asked to stop; it ends in a moment.\n');
    });
}
