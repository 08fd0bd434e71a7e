import type { AgentShape, PageShape } from '@app/contracts';
import type { Command } from 'commander';
import { connect } from '../client/connect.js';
import { toJsonLine } from '../render/strip-controls.js';
import { table } from '../render/table.js';

export function addAgents(program: Command): void {
  program
    .command('agents')
    .description('the agents that tasks can be given to')
    .command('list')
    .description('list them')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const { items } = await (await connect(command)).get<PageShape<AgentShape>>('/api/agents');
      process.stdout.write(
        json
          ? toJsonLine(items)
          : table(
              ['NAME', 'SOURCE', 'DESCRIPTION'],
              items.map(({ name, source, description }) => [name, source, description]),
            ),
      );
    });
}
