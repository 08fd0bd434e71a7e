import { parseArgs } from 'node:util';
import { openRunFolder } from '../support/temp-folder.js';
import { SET_UP_NAMES } from './harness/set-up.js';
import { runRound } from './round/run-round.js';

/** `npm run test:faults -- --seed N --seconds S [--set-up sqlite|postgres]`: a long round of faults on each set-up. */
const { values } = parseArgs({
  options: { seed: { type: 'string' }, seconds: { type: 'string' }, 'set-up': { type: 'string' } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
const seconds = Number(values.seconds ?? 60);
const setUps = SET_UP_NAMES.filter((name) => (values['set-up'] ?? name) === name);
if (!Number.isInteger(seed) || !(seconds > 0) || setUps.length === 0) {
  console.error(
    'Usage: npm run test:faults -- --seed <whole number> --seconds <seconds> [--set-up sqlite|postgres]',
  );
  process.exit(2);
}

const closeFolder = openRunFolder();
let breached = false;
for (const setUp of setUps) {
  console.log(`${setUp}, seed ${seed}, ${seconds} s:`);
  try {
    const { tasks, blows, ends } = await runRound({ setUp, seed, seconds, print: console.log });
    console.log(`passed: ${tasks} tasks, ${blows} blows, ${JSON.stringify(ends)}\n`);
  } catch (error) {
    breached = true;
    console.log(`FAILED with seed ${seed}: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
await closeFolder();
process.exit(breached ? 1 : 0);
