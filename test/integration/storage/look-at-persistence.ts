import { lookAtPersistence } from '../../../apps/api/src/storage/persistence-doctor.js';
import { loadSettings } from '../../../config/index.js';

/** Prints what the persistence doctor finds, as JSON. Settings come from the environment. */
process.stdout.write(JSON.stringify(await lookAtPersistence(loadSettings(process.env), null)));
