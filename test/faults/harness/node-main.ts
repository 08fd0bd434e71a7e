import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as Config from '../../../config/index.js';
import type * as Api from '../../../apps/api/src/bootstrap.js';
import type * as Signals from '../../../apps/worker/src/start/end-on-signals.js';
import type * as Worker from '../../../apps/worker/src/bootstrap.js';
import type * as Engines from '../../../libs/engines/src/index.js';
import { ScriptedEngine } from '../../support/scripted-engine/scripted-engine.js';
import { armFailPoint } from './fail-point.js';
import { now } from './clock.js';
import { RecordedEngine, type NoteRun } from './recorded-engine.js';
import { shiftClock } from './shift-clock.js';

/**
 * One node of the service under test: the compiled service as it is, with an engine that keeps a ledger of its runs,
 * and with what the harness wants to go wrong. All of it is decided here; no setting of the service leads here.
 */
const BUILT = new URL('../../../dist/', import.meta.url);
const built = <T>(file: string): Promise<T> => import(new URL(file, BUILT).href) as Promise<T>;

const { FAULT_NODE: node = 'node', RUN_LEDGER: ledger = '', FAIL_POINT, CLOCK_OFFSET_MS } = process.env;
if (CLOCK_OFFSET_MS) shiftClock(Number(CLOCK_OFFSET_MS));
if (FAIL_POINT) await armFailPoint(FAIL_POINT, built);

const { loadSettings } = await built<typeof Config>('config/index.js');
const { endOnSignals } = await built<typeof Signals>('apps/worker/src/start/end-on-signals.js');
const { createClaudeCodeEngine } = await built<typeof Engines>('libs/engines/src/index.js');

const isWorker = process.env.ROLE === 'worker';
const settings = loadSettings(process.env, isWorker ? { role: 'worker' } : {});
const { PATH, HOME } = process.env;
const scripted = new ScriptedEngine();
const processes = createClaudeCodeEngine({
  hostEnv: { PATH, HOME },
  configDir: join(settings.dataDir, 'claude'),
  executable: fileURLToPath(new URL('./fake-claude.mjs', import.meta.url)),
});
const note: NoteRun = (entry) => appendFileSync(ledger, `${JSON.stringify({ at: now(), node, ...entry })}\n`);
const engine = new RecordedEngine((prompt) => (/^claude:/m.test(prompt) ? processes : scripted), note);
endOnSignals(await (isWorker ? work() : serve()), settings);

async function serve() {
  const { startServer } = await built<typeof Api>('apps/api/src/bootstrap.js');
  return startServer(settings, { engine });
}

async function work() {
  const { startWorker } = await built<typeof Worker>('apps/worker/src/bootstrap.js');
  return startWorker(settings, { engine });
}
