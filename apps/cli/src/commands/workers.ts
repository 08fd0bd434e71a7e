import type { Command } from 'commander';
import type { WorkerShape, PageShape } from '@app/contracts';
import { connect } from '../client/connect.js';
import { toJsonLine } from '../render/strip-controls.js';
import { table } from '../render/table.js';

export function addWorkers(program: Command): void {
  program
    .command('workers')
    .description('the processes that serve the API and run tasks')
    .command('list')
    .description('list them, with those of the last day that ended without saying so')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const { items } = await (await connect(command)).get<PageShape<WorkerShape>>('/api/workers');
      process.stdout.write(
        json
          ? toJsonLine(items)
          : table(
              ['MACHINE', 'ROLE', 'STATE', 'RUNNING', 'LAST CLAIM', 'LAST SEEN', 'VERSION'],
              items.map((worker) => [
                worker.machine_id,
                worker.role,
                worker.alive ? worker.status.toLowerCase() : 'gone',
                `${worker.running}/${worker.slots}`,
                worker.last_claim_at?.slice(0, 19) ?? null,
                worker.last_seen_at.slice(0, 19),
                worker.version,
              ]),
            ),
      );
    });
}
