import type * as Config from '../../../config/index.js';
import type * as Credentials from '../../../libs/credentials/src/index.js';
import type * as PathsOf from '../../../libs/paths/src/index.js';
import type * as Storage from '../../../libs/storage/src/index.js';

/** Restores an archive and kills itself, as with kill -9, at one of the steps. Settings come from the environment. */
const DIST = new URL('../../../dist/', import.meta.url);
const built = <T>(file: string): Promise<T> => import(new URL(file, DIST).href) as Promise<T>;

const { loadSettings } = await built<typeof Config>('config/index.js');
const { Paths } = await built<typeof PathsOf>('libs/paths/src/index.js');
const { presentKekIds } = await built<typeof Credentials>('libs/credentials/src/index.js');
const { enterAlone, restoreBackup } = await built<typeof Storage>('libs/storage/src/index.js');

const [archive = '', killedAt] = process.argv.slice(2);
const settings = loadSettings(process.env);
const paths = new Paths(settings);
await enterAlone(settings, paths);
await restoreBackup(settings, paths, {
  archive,
  keks: await presentKekIds(settings, paths),
  step: async (name) => {
    if (name !== killedAt) return;
    process.stdout.write(`at ${name}\n`);
    await new Promise((resolve) => process.stdout.write('', resolve));
    process.kill(process.pid, 'SIGKILL');
  },
});
