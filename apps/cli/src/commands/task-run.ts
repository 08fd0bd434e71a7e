import type { TaskShape } from '@app/contracts';
import type { Command } from 'commander';
import { connect } from '../client/connect.js';
import { endWith } from '../end-with.js';
import { followTask } from '../follow-task.js';
import { toJsonLine } from '../render/strip-controls.js';
import { decimalNumber, wholeNumber } from './parse-number.js';

interface RunFlags {
  agent?: string;
  session?: string;
  model?: string;
  priority?: number;
  maxTurns?: number;
  maxCost?: number;
  timeout?: number;
  maxAttempts?: number;
  watch: boolean;
  json?: boolean;
}

export function addTaskRun(task: Command): void {
  task
    .command('run')
    .description('give a task to an agent and watch it; exit code 0 completed, 1 failed, 130 cancelled')
    .argument('<prompt>', 'what is to be done')
    .option('--agent <name>', 'which agent (else the brain decides)')
    .option('--session <id>', 'go on in this session')
    .option('--model <name>', 'which model')
    .option('--priority <n>', '-100 to 100; higher runs sooner', wholeNumber)
    .option('--max-turns <n>', 'limit of model turns', wholeNumber)
    .option('--max-cost <usd>', 'limit of cost in US dollars', decimalNumber)
    .option('--timeout <seconds>', 'limit of time', wholeNumber)
    .option('--max-attempts <n>', '1 to 5: how often it may be begun when its worker is lost', wholeNumber)
    .option('--watch', 'show the work until it ends', true)
    .option('--no-watch', 'only submit, and print the id')
    .option('--json', 'events as one JSON object per line; with --no-watch the task as JSON')
    .action(async (prompt: string, flags: RunFlags, command: Command) => {
      const client = await connect(command);
      const made = await client.post<TaskShape>('/api/tasks', wishOf(prompt, flags));
      if (!flags.watch) {
        process.stdout.write(flags.json ? toJsonLine(made) : `${made.task_id}\n`);
        return;
      }
      const options = { json: flags.json === true, cancelOnInterrupt: true };
      endWith(await followTask(client, made.task_id, options));
    });
}

/** What is undefined is left out by JSON. */
function wishOf(prompt: string, flags: RunFlags): object {
  const { agent, session, model, priority, maxTurns, maxCost, timeout, maxAttempts } = flags;
  const limited = [maxTurns, maxCost, timeout].some((limit) => limit !== undefined);
  return {
    prompt,
    agent,
    session_id: session,
    model,
    priority,
    max_attempts: maxAttempts,
    limits: limited ? { max_turns: maxTurns, max_cost_usd: maxCost, timeout_seconds: timeout } : undefined,
  };
}
