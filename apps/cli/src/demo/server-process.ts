import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stripControls } from '../render/strip-controls.js';
import { CliError } from '../cli-error.js';

/** Beside this program, compiled: apps/cli/src/demo → apps/api/src. */
const SERVER = fileURLToPath(new URL('../../../api/src/main.js', import.meta.url));
const READY = /is ready: (http:\/\/\S+)/;
const KEPT_CHARS = 20_000;
const END_LIMIT_MS = 15_000;

export interface ServerProcess {
  url: string;
  /** Resolves when the process has ended, with what it said last. */
  ended: Promise<string>;
  /** SIGTERM, and SIGKILL when that takes too long. */
  end(): Promise<void>;
}

/**
 * The real server as a process of its own, with exactly the given environment. `folder` is its working directory,
 * so that no `.env` of the caller's folder is read. Throws `CliError` with what the server said when it ends early.
 */
export async function startServerProcess(
  env: Record<string, string>,
  folder: string,
  signal: AbortSignal,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [SERVER], {
    env,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C is for us, and we end the server in order.
    detached: true,
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  let said = '';
  const listen = (chunk: Buffer): void => {
    said = (said + chunk.toString('utf8')).slice(-KEPT_CHARS);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', () => {
      process.off('exit', kill);
      resolve(stripControls(said).trim());
    });
  });
  const end = (): Promise<void> => endProcess(child);
  try {
    const url = await Promise.race([
      readyUrl(child, () => said, signal),
      ended.then((text) => Promise.reject(new CliError(`The server of the demo did not start.\n${text}`))),
    ]);
    return { url, ended, end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function readyUrl(child: ChildProcess, said: () => string, signal: AbortSignal): Promise<string> {
  if (!child.stdout) throw new Error('the server has no output');
  for (;;) {
    const url = READY.exec(said())?.[1];
    if (url !== undefined) return url;
    await once(child.stdout, 'data', { signal });
  }
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const limit = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
  await gone;
  clearTimeout(limit);
}
