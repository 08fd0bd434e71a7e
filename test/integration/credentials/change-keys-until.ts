import type * as Config from '../../../config/index.js';
import type * as Credentials from '../../../libs/credentials/src/index.js';
import type * as PathsOf from '../../../libs/paths/src/index.js';

/** Rotates or rewraps and kills itself, as with kill -9, at one of the steps. Settings come from the environment. */
const DIST = new URL('../../../dist/', import.meta.url);
const built = <T>(file: string): Promise<T> => import(new URL(file, DIST).href) as Promise<T>;

const { loadSettings } = await built<typeof Config>('config/index.js');
const { Paths } = await built<typeof PathsOf>('libs/paths/src/index.js');
const { KeyRotation } = await built<typeof Credentials>('libs/credentials/src/index.js');

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
