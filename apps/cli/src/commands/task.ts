import type { Command } from 'commander';
import { addTaskRun } from './task-run.js';
import { addTaskList } from './task-list.js';
import { addTaskCancel, addTaskShow, addTaskWatch } from './task-one.js';

export function addTask(program: Command): void {
  const task = program.command('task').description('give work to agents and follow it');
  for (const add of [addTaskRun, addTaskList, addTaskShow, addTaskWatch, addTaskCancel]) add(task);
}
