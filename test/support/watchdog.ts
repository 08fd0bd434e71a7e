import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';

/**
 * Sits on the other end of a pipe and reads the id of the process to guard. When the pipe closes, because `finish`
 * was called or because we died in whatever way, it ends that process (politely, after 10 s no longer so), waits
 * for it, and removes the folder. $1 polite signal, $2 folder. Where process 1 is no init, as in many containers,
 * an orphan that has ended stays as a zombie: that one is not waited for.
 */
const SCRIPT = `
runs() { kill -0 "$1" && ! grep -qs '^State:.Z' "/proc/$1/status"; }
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
  kill -CONT "$pid"; kill -"$1" "$pid"
  n=0
  while runs "$pid" && [ $n -lt 240 ]; do
    [ $n -eq 200 ] && kill -KILL "$pid"
    n=$((n + 1)); sleep 0.05
  done
fi
rm -rf "$2"
`;

export interface Watchdog {
  /** The process to end; replaces an earlier one. */
  guard(pid: number): void;
  /** Does now what would be done if we died; resolves when nothing is left. */
  finish(): Promise<void>;
}

/** Guards a folder, and a process if it is told of one, against being left behind. Needs `sh`, so not for Windows. */
export function watchOver(folder: string, endsOn: 'INT' | 'TERM' = 'TERM'): Watchdog {
  // Detached: Ctrl+C in a terminal reaches the whole process group, and this one has to survive it.
  const child = spawn('sh', ['-c', SCRIPT, 'watchdog', endsOn, folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const gone = once(child, 'exit');
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return {
    guard: (pid) => void child.stdin.write(`${pid}\n`),
    finish: async () => {
      child.ref();
      child.stdin.end();
      await gone;
    },
  };
}
