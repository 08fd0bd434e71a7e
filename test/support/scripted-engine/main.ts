import { loadSettings } from '../../../config/index.js';
import { endOnSignals } from '../../../apps/worker/src/start/end-on-signals.js';
import { ScriptedEngine } from './scripted-engine.js';

/**
 * The service (or, with ROLE=worker, the worker) with the scripted engine, as a process of its own:
 * `node scripts/ensure-test-build.mjs && node dist/test/support/scripted-engine/main.js`, settings as always.
 */
const engine = new ScriptedEngine();
const isWorker = process.env.ROLE === 'worker';
const settings = loadSettings(process.env, isWorker ? { role: 'worker' } : {});
endOnSignals(await (isWorker ? work() : serve()), settings);

async function serve() {
  const { startServer } = await import('../../../apps/api/src/bootstrap.js');
  return startServer(settings, { engine });
}

async function work() {
  const { startWorker } = await import('../../../apps/worker/src/bootstrap.js');
  return startWorker(settings, { engine });
}
