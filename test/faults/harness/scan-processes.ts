import { readdirSync, readFileSync } from 'node:fs';
import type { History } from '../checker/history.js';

/** Processes that carry the mark of a run of this data folder, daemons and grandchildren included. */
export function scanProcesses(dataDir: string): History['survivors'] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const environ = read(`/proc/${pid}/environ`).split('\0');
      const runId = environ.find((line) => line.startsWith('AGENT_RUN_ID='))?.slice('AGENT_RUN_ID='.length);
      const isOurs = environ.includes(`CLAUDE_CONFIG_DIR=${dataDir}/claude`);
      if (runId === undefined || !isOurs || isZombie(pid)) return [];
      return [
        { pid: Number(pid), runId, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() },
      ];
    });
}

/** Dead, and only waiting for a parent to take notice. */
const isZombie = (pid: string): boolean => /^State:\s+Z/m.test(read(`/proc/${pid}/status`));

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It ended meanwhile, or belongs to another user.
    return '';
  }
}
