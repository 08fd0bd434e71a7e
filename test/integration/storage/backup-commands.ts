import { Program } from '../../support/index.js';

export interface Ran {
  code: number | null;
  output: string;
}

/** `claude-agent backup …` on a data folder, as an operator runs it. */
export async function runBackup(args: readonly string[], environment: Record<string, string>): Promise<Ran> {
  const program = Program.spawn(['dist/apps/cli/src/main.js', 'backup', ...args], environment);
  const code = await program.finished();
  return { code, output: program.log };
}
