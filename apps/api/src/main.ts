import { loadSettings, SettingsError } from '@app/config';
import { startServer } from './bootstrap.js';
import { endOnSignals } from '../../worker/src/start/end-on-signals.js';
import { StartError } from './start/start-error.js';

try {
  const settings = loadSettings();
  endOnSignals(await startServer(settings), settings);
} catch (error) {
  if (!(error instanceof SettingsError) && !(error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(error instanceof SettingsError ? 2 : 1);
}
