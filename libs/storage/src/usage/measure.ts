import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { TreeMeasure } from './measure-tree.js';

/** Adds up a data folder in a thread of its own, so that nothing waits for it. */
export type MeasureFolder = (folder: string, signal: AbortSignal) => Promise<TreeMeasure>;

const MEMORY_MB = 512;

export const measureInThread: MeasureFolder = async (folder, signal) => {
  const worker = new Worker(new URL('./measure-worker.js', import.meta.url), {
    workerData: folder,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  try {
    const [measured] = (await once(worker, 'message', { signal })) as [TreeMeasure];
    return measured;
  } finally {
    await worker.terminate();
  }
};
