import type { Command } from 'commander';
import { loadSettings } from '@app/config';

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('start the server; settings come from the environment')
    .action(async () => {
      const settings = loadSettings();
      // Imported late: the other commands do without the server's seconds and megabytes.
      const { startServer } = await import('../../../api/src/bootstrap.js');
      const { endOnSignals } = await import('../../../worker/src/start/end-on-signals.js');
      endOnSignals(await startServer(settings), settings);
    });
}
