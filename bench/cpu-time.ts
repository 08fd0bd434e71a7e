import { readFile } from 'node:fs/promises';

/** The kernel counts in ticks of 10 ms on every Linux that Node runs on. */
const TICK_MS = 10;

/** Processor time that a process has used, all its threads together. Linux only. Says more than a clock on a busy machine. */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may hold spaces; user and system time are the 12th and 13th number behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
