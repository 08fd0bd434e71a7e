import { spawnSync } from 'node:child_process';

/** Says that a scenario is left out, and why, when the machine lacks a program. */
export function unavailable(program: string, fault: string): boolean {
  if (spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0) return false;
  process.stderr.write(`${fault} is skipped: there is no ${program} on this machine.\n`);
  return true;
}
