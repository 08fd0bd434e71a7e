import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../test/support/free-port.js';
import { waitFor } from '../test/support/wait-for.js';
import { type Measurement, median } from './figure.js';
import { endProcess, withFolder } from './surroundings.js';

const STARTS = 5;
const IDLE_MS = 5_000;
const LIMIT_MS = 30_000;

/** From the spawn to the first "ready", on a database that exists; and what the process holds when nothing happens. */
export function startAndMemory(): Promise<Measurement> {
  return withFolder(async (folder) => {
    const startMs: number[] = [];
    const memoryMb: number[] = [];
    // The first start makes the database and is not counted.
    for (let start = 0; start <= STARTS; start += 1) {
      const begin = performance.now();
      const port = await freePort();
      const child = launch(folder, port);
      try {
        await ready(child, port);
        const passed = performance.now() - begin;
        if (start === 0) continue;
        startMs.push(passed);
        await delay(IDLE_MS);
        memoryMb.push(await residentMb(child));
      } finally {
        await endProcess(child);
      }
    }
    return {
      figures: [
        { name: 'start until ready', unit: 'ms', measured: median(startMs), target: 3000 },
        { name: 'resident memory, idle', unit: 'MB', measured: median(memoryMb), target: 180 },
      ],
      raw: { 'start until ready': startMs, 'resident memory, idle': memoryMb },
    };
  });
}

function launch(folder: string, port: number): ChildProcess {
  const { PATH, HOME } = process.env;
  return spawn(process.execPath, ['dist/apps/api/src/main.js'], {
    env: {
      ...(PATH ? { PATH } : {}),
      ...(HOME ? { HOME } : {}),
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: folder,
      LOG_LEVEL: 'warn',
      LOG_JSON: 'true',
    },
    stdio: 'ignore',
  });
}

async function ready(child: ChildProcess, port: number): Promise<void> {
  await waitFor(
    async () => {
      if (child.exitCode !== null) return true;
      return (await fetch(`http://127.0.0.1:${port}/api/health/ready`)).status === 200;
    },
    { timeoutMs: LIMIT_MS, intervalMs: 10, what: 'the service to be ready' },
  );
  if (child.exitCode !== null) throw new Error(`the service ended at its start with ${child.exitCode}`);
}

/** Linux only. The kernel's kB are 1024 bytes; an MB here is 1024 of them. */
async function residentMb(child: ChildProcess): Promise<number> {
  const [, kilobytes] =
    /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${child.pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}
