import { loadSettings } from '../../../config/index.js';
import { presentKekIds } from '../../../libs/credentials/src/index.js';
import { Paths } from '../../../libs/paths/src/index.js';
import { enterAlone, restoreBackup } from '../../../libs/storage/src/index.js';

/** Restores an archive and kills itself, as with kill -9, at one of the steps. Settings come from the environment. */
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
