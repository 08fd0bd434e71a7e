import { everyAcceptedTaskEndsOnce, oneTaskPerKey } from './acceptance.js';
import { onlyTheHolderWrites } from './claims.js';
import type { Breach, History } from './history.js';
import { endsNeverChange, logsAreComplete, nothingIsLeftToDo, restoredBackupIsTrue } from './states.js';
import { noProcessSurvives, outagesAreAnswered } from './surroundings.js';
import { watchersSawTheLog } from './watching.js';

/** The invariants of docs/guarantees.md, each as a function of a history. */
const INVARIANTS: readonly ((history: History) => Breach[])[] = [
  everyAcceptedTaskEndsOnce,
  endsNeverChange,
  onlyTheHolderWrites,
  ({ database }) => logsAreComplete(database),
  watchersSawTheLog,
  oneTaskPerKey,
  noProcessSurvives,
  nothingIsLeftToDo,
  outagesAreAnswered,
  restoredBackupIsTrue,
];

export function checkHistory(history: History): Breach[] {
  return INVARIANTS.flatMap((invariant) => invariant(history));
}

/** For people: one line each, not more than a screenful. */
export function describeBreaches(breaches: readonly Breach[]): string {
  const lines = breaches
    .slice(0, 30)
    .map(({ invariant, subject, what }) => `${invariant} ${subject}: ${what}`);
  const more = breaches.length - lines.length;
  return [...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}
