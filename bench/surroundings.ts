import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type LiveClient, Service } from '../test/support/service.js';

const LIMIT_MS = 10_000;

export interface ModelAddress {
  url: string;
  apiKey: string;
}

/** Gives a new folder and removes it at the end. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'claude-agent-bench-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** The offline model as a process of its own, so that it shares no event loop with what is measured. */
export async function withModel<T>(use: (model: ModelAddress) => Promise<T>): Promise<T> {
  const child = spawn(
    process.execPath,
    ['--import', './scripts/typescript.mjs', 'libs/engines/src/offline-model/main.ts'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    const lines = createInterface({ input: child.stdout });
    const ended = once(child, 'exit').then(() => {
      throw new Error('the offline model ended');
    });
    ended.catch(() => undefined);
    const first = once(lines, 'line', { signal: AbortSignal.timeout(LIMIT_MS) });
    const [line] = (await Promise.race([first, ended])) as [string];
    return await use(JSON.parse(line) as ModelAddress);
  } finally {
    await endProcess(child);
  }
}

/** The service with its defaults on an empty data folder, and a socket that is already connected. */
export function withService<T>(
  model: ModelAddress,
  use: (service: Service, socket: LiveClient) => Promise<T>,
): Promise<T> {
  return withFolder(async (folder) => {
    const service = await Service.start({
      DATA_DIR: folder,
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: model.apiKey,
    });
    try {
      const { socket } = await service.watcher();
      try {
        return await use(service, socket);
      } finally {
        socket.disconnect();
      }
    } finally {
      await service.end();
    }
  });
}

/** A new session that the socket watches. */
export async function watchedSession(service: Service, socket: LiveClient): Promise<string> {
  const { session_id } = (await service.call('POST', '/api/sessions', {})).body as { session_id: string };
  await socket.emitWithAck('session.watch', { session_id });
  return session_id;
}

export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  await ended;
  clearTimeout(limit);
}
