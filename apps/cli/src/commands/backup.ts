import type { Command } from 'commander';

/** On this machine's data folder, whether the server runs or not; the API does the same from afar, but for restore. */
export function addBackup(program: Command): void {
  const backup = program
    .command('backup')
    .description('backups of the data folder on this machine (DATA_DIR)');
  backup
    .command('create')
    .description('make one, also while the server works; prints its id')
    .option('--output <file>', 'move the archive there, to another disk at best')
    .action(async (options: { output?: string }) => {
      const { createBackup } = await import('../backup/create-backup.js');
      await createBackup(options);
    });
  backup
    .command('list')
    .description('list them, newest first')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const { listBackups } = await import('../backup/list-backups.js');
      await listBackups(options);
    });
  backup
    .command('verify')
    .description('read one to its end and compare every entry with its digest')
    .argument('<backup>', 'id, or path of an archive')
    .action(async (which: string) => {
      const { verifyBackup } = await import('../backup/verify-backup.js');
      await verifyBackup(which);
    });
  backup
    .command('drill')
    .description('prove one: restore it into a scratch folder, open its database, check and count')
    .argument('<backup>', 'id, or path of an archive')
    .option('--scratch <folder>', 'where there is room for it (else in DATA_DIR/backups)')
    .action(async (which: string, options: { scratch?: string }) => {
      const { drill } = await import('../backup/drill-backup.js');
      process.exitCode = await drill(which, options);
    });
  backup
    .command('restore')
    .description('replace the data folder and the database by one; the server must be stopped')
    .argument('<backup>', 'id, or path of an archive')
    .option('--yes', 'replace what is there')
    .option(
      '--without-credentials',
      'also when the master key is another one: credentials must be stored again',
    )
    .action(async (which: string, options: { yes?: boolean; withoutCredentials?: boolean }) => {
      const { restore } = await import('../backup/restore.js');
      await restore(which, options);
    });
}
