import { readdirSync, readFileSync } from 'node:fs';

const O_CLOEXEC = 0o2000000;
const LAST_STDIO = 2;
/** Descriptors above this are not worth a table of their size; servers are not started with such. */
const HIGHEST = 1023;

/**
 * Open descriptors that this process would hand on to its children, standard streams aside. Node closes only the low
 * ones at start; a pipe that a supervisor or a shell left open higher up would reach every tool of every run, and keep
 * its other end waiting. Linux only; elsewhere none are found.
 */
export function findInheritedDescriptors(): number[] {
  let names: string[];
  try {
    names = readdirSync('/proc/self/fd');
  } catch {
    return [];
  }
  return names.map(Number).filter((fd) => fd > LAST_STDIO && fd <= HIGHEST && survivesExec(fd));
}

function survivesExec(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
    return flags !== undefined && (parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    // Closed since the folder was read: the descriptor of the folder itself, for one.
    return false;
  }
}
