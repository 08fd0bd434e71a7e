import type { Command } from 'commander';
import { connect } from '../client/connect.js';
import type { CleanWish } from '../storage/clean.js';
import { wholeNumber } from './parse-number.js';

export function addStorage(program: Command): void {
  const storage = program.command('storage').description('what the data folder of the server takes');
  storage
    .command('usage')
    .description('what takes the space, what is left, and how it grows')
    .option('--sessions [count]', 'the sessions with the most data, instead of the areas', wholeNumber)
    .option('--refresh', 'measure again in the background')
    .option('--json', 'as JSON')
    .action(
      async (options: { sessions?: number | true; refresh?: boolean; json?: boolean }, command: Command) => {
        const { showSessionUsage, showUsage } = await import('../storage/show-usage.js');
        const client = await connect(command);
        const { sessions, ...rest } = options;
        if (sessions === undefined) await showUsage(client, rest);
        else await showSessionUsage(client, { ...rest, limit: sessions === true ? 50 : sessions });
      },
    );
  storage
    .command('clean')
    .description('remove what was not used for long, by the settings of the server or these days')
    .option('--dry-run', 'only tell what would go, and how much')
    .option('--workspace-days <days>', 'workspaces of sessions at rest for so long', wholeNumber)
    .option('--log-days <days>', 'events of tasks that ended so long ago', wholeNumber)
    .option('--cache-days <days>', 'temporary files of Claude Code', wholeNumber)
    .option('--json', 'as JSON')
    .action(async (options: CleanWish, command: Command) => {
      const { clean } = await import('../storage/clean.js');
      await clean(await connect(command), options);
    });
}
