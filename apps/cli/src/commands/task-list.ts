import { Option, type Command } from 'commander';
import { TASK_STATUSES, type PageShape, type TaskShape } from '@app/contracts';
import type { ApiClient } from '../client/api-client.js';
import { connect } from '../client/connect.js';
import { toJsonLine } from '../render/strip-controls.js';
import { table } from '../render/table.js';
import { wholeNumber } from './parse-number.js';

/** Looks through 50,000 tasks and more. */
const MOST_PAGES = 50;

interface ListFlags {
  status?: string;
  session?: string;
  agent?: string;
  limit: number;
  json?: boolean;
}

export function addTaskList(task: Command): void {
  task
    .command('list')
    .description('list tasks, newest first')
    .addOption(new Option('--status <status>', 'only those').choices(TASK_STATUSES))
    .option('--session <id>', 'only those of a session')
    .option('--agent <name>', 'only those of an agent')
    .option('--limit <n>', 'how many', wholeNumber, 20)
    .option('--json', 'as JSON')
    .action(async ({ status, session, agent, limit, json }: ListFlags, command: Command) => {
      const query = new URLSearchParams({ limit: String(limit) });
      for (const [name, value] of Object.entries({ status, session_id: session, agent })) {
        if (value !== undefined) query.set(name, value);
      }
      const items = await firstOf(await connect(command), query, limit);
      process.stdout.write(
        json
          ? toJsonLine(items)
          : table(
              ['TASK', 'STATUS', 'AGENT', 'COST', 'CREATED', 'PROMPT'],
              items.map((item) => [
                item.task_id,
                item.status,
                item.agent,
                `$${item.cost_usd.toFixed(4)}`,
                item.created_at.slice(0, 19),
                item.prompt,
              ]),
            ),
      );
    });
}

/** Page after page, because one may be short, or empty, without being the last. */
async function firstOf(client: ApiClient, query: URLSearchParams, limit: number): Promise<TaskShape[]> {
  const items: TaskShape[] = [];
  for (let page = 0; page < MOST_PAGES && items.length < limit; page += 1) {
    const { items: more, next_cursor } = await client.get<PageShape<TaskShape>>(
      `/api/tasks?${query.toString()}`,
    );
    items.push(...more);
    if (!next_cursor) break;
    query.set('cursor', next_cursor);
  }
  return items.slice(0, limit);
}
