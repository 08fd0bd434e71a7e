import type { Command } from 'commander';

export function addImport(program: Command): void {
  program
    .command('import')
    .description('take over the data folder of the earlier Python system; the server must be stopped')
    .argument('<folder>', 'its data folder: with machine.db or db/machine.db; it is only read')
    .option('--json', 'the report as JSON')
    .action(async (folder: string, options: { json?: boolean }) => {
      const { runImport } = await import('../import/run-import.js');
      await runImport(folder, options);
    });
}
