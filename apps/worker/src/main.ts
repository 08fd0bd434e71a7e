import { loadSettings, SettingsError } from '@app/config';
import { startWorker } from './bootstrap.js';
import { endOnSignals } from './start/end-on-signals.js';
import { WorkerStartError } from './start/worker-start-error.js';

try {
  const settings = loadSettings(undefined, { role: 'worker' });
  endOnSignals(await startWorker(settings), settings);
} catch (error) {
  if (!(error instanceof SettingsError) && !(error instanceof WorkerStartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(error instanceof SettingsError ? 2 : 1);
}
