import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findExecutable } from '../libs/engines/src/claude-code/find-executable.js';
import type { ModelAddress } from './surroundings.js';

const LIMIT_MS = 60_000;

export interface RunTimes {
  firstMs: number;
  totalMs: number;
}

/** `claude -p` without the service: from its spawn to its first text delta, and to its exit. */
export async function directRun(
  prompt: string,
  folders: { configDir: string; workspace: string },
  model: ModelAddress,
): Promise<RunTimes> {
  const executable = findExecutable();
  if (executable === undefined) throw new Error('the SDK has no claude binary for this platform');
  const { PATH, HOME } = process.env;
  const begin = performance.now();
  const child = spawn(
    executable,
    ['-p', prompt, '--output-format', 'stream-json', '--include-partial-messages', '--verbose'],
    {
      cwd: folders.workspace,
      // What libs/engines gives, beside the credential, which goes there through a pipe.
      env: {
        ...(PATH ? { PATH } : {}),
        ...(HOME ? { HOME } : {}),
        DISABLE_TELEMETRY: '1',
        DISABLE_ERROR_REPORTING: '1',
        DISABLE_AUTOUPDATER: '1',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
        CLAUDE_CODE_MAX_RETRIES: '4',
        CLAUDE_CONFIG_DIR: folders.configDir,
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: model.apiKey,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  let firstMs: number | undefined;
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors += String(data)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (firstMs === undefined && isTextDelta(line)) firstMs = performance.now() - begin;
  });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    const totalMs = performance.now() - begin;
    if (code !== 0 || firstMs === undefined) throw new Error(`claude -p ended with ${code}: ${errors}`);
    return { firstMs, totalMs };
  } finally {
    clearTimeout(limit);
  }
}

function isTextDelta(line: string): boolean {
  const message = JSON.parse(line) as { event?: { delta?: { type?: string } } };
  return message.event?.delta?.type === 'text_delta';
}
