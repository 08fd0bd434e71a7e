import type { Command } from 'commander';

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('see it work without an account: a real server and real tools, a scripted model')
    .option('--once', 'run one task in a temporary folder, check what it did, and end')
    .action(async ({ once }: { once?: boolean }) => {
      const { runDemo } = await import('../demo/run-demo.js');
      process.exitCode = await runDemo({ once: once === true });
    });
}
