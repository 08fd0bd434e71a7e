import { AskedAttempts1764500000000 } from './1764500000000-asked-attempts.js';
import { Deferrals1764100000000 } from './1764100000000-deferrals.js';
import { Initial1764000000000 } from './1764000000000-initial.js';
import { StorageMarks1764300000000 } from './1764300000000-storage-marks.js';
import { TaskIndexes1764400000000 } from './1764400000000-task-indexes.js';
import { Workers1764200000000 } from './1764200000000-workers.js';

/** In the order they run. A migration that has landed is never edited: a change is a new one. */
export const MIGRATIONS = [
  Initial1764000000000,
  Deferrals1764100000000,
  Workers1764200000000,
  StorageMarks1764300000000,
  TaskIndexes1764400000000,
  AskedAttempts1764500000000,
];
