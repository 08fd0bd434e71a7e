import type { Command } from 'commander';
import { loadSettings } from '@app/config';

export function addWorker(program: Command): void {
  program
    .command('worker')
    .description('run tasks only; needs DATABASE_URL (Postgres) and REDIS_URL')
    .action(async () => {
      const settings = loadSettings(undefined, { role: 'worker' });
      const { startWorker } = await import('../../../worker/src/bootstrap.js');
      const { endOnSignals } = await import('../../../worker/src/start/end-on-signals.js');
      endOnSignals(await startWorker(settings), settings);
    });
}
