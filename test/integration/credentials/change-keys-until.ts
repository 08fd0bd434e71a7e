import { loadSettings } from '../../../config/index.js';
import { KeyRotation } from '../../../libs/credentials/src/index.js';
import { Paths } from '../../../libs/paths/src/index.js';

/** Rotates or rewraps and kills itself, as with kill -9, at one of the steps. Settings come from the environment. */
const [change, killedAt] = process.argv.slice(2);
const settings = loadSettings(process.env);
const keys = new KeyRotation(settings, new Paths(settings), async (step) => {
  if (step !== killedAt) return;
  process.stdout.write(`at ${step}\n`);
  await new Promise((resolve) => process.stdout.write('', resolve));
  process.kill(process.pid, 'SIGKILL');
});
if (change === 'rotate') await keys.rotate();
else await keys.rewrap({ dropOld: change === 'drop' });
