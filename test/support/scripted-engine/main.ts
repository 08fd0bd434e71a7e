import type * as Config from '../../../config/index.js';
import type * as Api from '../../../apps/api/src/bootstrap.js';
import type * as Signals from '../../../apps/worker/src/start/end-on-signals.js';
import type * as Worker from '../../../apps/worker/src/bootstrap.js';
import { ScriptedEngine } from './scripted-engine.js';

/**
 * The compiled service (or, with ROLE=worker, the worker) with the scripted engine, as a process of its own:
 * `node --import ./scripts/typescript.mjs test/support/scripted-engine/main.ts`, settings as always.
 */
const DIST = new URL('../../../dist/', import.meta.url);
const built = <T>(file: string): Promise<T> => import(new URL(file, DIST).href) as Promise<T>;

const { loadSettings } = await built<typeof Config>('config/index.js');
const { endOnSignals } = await built<typeof Signals>('apps/worker/src/start/end-on-signals.js');

const engine = new ScriptedEngine();
const isWorker = process.env.ROLE === 'worker';
const settings = loadSettings(process.env, isWorker ? { role: 'worker' } : {});
endOnSignals(await (isWorker ? work() : serve()), settings);

async function serve() {
  const { startServer } = await built<typeof Api>('apps/api/src/bootstrap.js');
  return startServer(settings, { engine });
}

async function work() {
  const { startWorker } = await built<typeof Worker>('apps/worker/src/bootstrap.js');
  return startWorker(settings, { engine });
}
