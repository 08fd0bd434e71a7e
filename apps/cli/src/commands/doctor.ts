import type { Command } from 'commander';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check this machine and the server; exit code 1 when something fails')
    .action(async (_options: object, command: Command) => {
      const { runDoctor } = await import('../doctor/run-doctor.js');
      const { clientSettings } = await import('../client/connect.js');
      process.exit(await runDoctor(clientSettings(command)));
    });
}
