import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { measureTree } from './measure-tree.js';

/** The thread that `measure` starts; its data is the folder. */
try {
  // On Linux this is the thread's own: the server's threads go first.
  setPriority(0, 10);
} catch {
  // Without it the work is as good, and less polite.
}
if (typeof workerData === 'string') parentPort?.postMessage(measureTree(workerData));
