import type * as Doctor from '../../../apps/api/src/storage/persistence-doctor.js';
import type * as Config from '../../../config/index.js';

/** Prints what the persistence doctor finds, as JSON. Settings come from the environment. */
const DIST = new URL('../../../dist/', import.meta.url);
const built = <T>(file: string): Promise<T> => import(new URL(file, DIST).href) as Promise<T>;

const { loadSettings } = await built<typeof Config>('config/index.js');
const { lookAtPersistence } = await built<typeof Doctor>('apps/api/src/storage/persistence-doctor.js');

process.stdout.write(JSON.stringify(await lookAtPersistence(loadSettings(process.env), null)));
