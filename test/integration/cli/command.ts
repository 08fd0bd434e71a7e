import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { ensureBuilt } from '../../support/program.js';

const CLI = 'dist/apps/cli/src/main.js';
const LIMIT_MS = 30_000;

export interface CommandEnd {
  code: number | null;
  out: string;
  error: string;
}

/** Runs `claude-agent` as a process of its own, with nothing of this environment but what is given. */
export async function runCommand(
  args: readonly string[],
  { environment, input = '' }: { environment: Record<string, string>; input?: string },
): Promise<CommandEnd> {
  ensureBuilt();
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...(PATH ? { PATH } : {}), ...(HOME ? { HOME } : {}), ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  // A command that has its answer already does not read what is piped in.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, out, error };
}
