import { describe, expect, it, jest } from '@jest/globals';
import { Random } from '../harness/random.js';
import { SET_UP_NAMES } from '../harness/set-up.js';
import { planBlows } from './nemesis.js';
import { runRound } from './run-round.js';

jest.setTimeout(150_000);
const SEED = 20_260;
const SECONDS = 12;

describe('a short round of faults', () => {
  it('has one plan for one seed, and another for another', () => {
    const plan = (seed: number) => planBlows(new Random(seed), 'postgres', 60, 4);
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1)).not.toEqual(plan(2));
  });

  it.each(SET_UP_NAMES)('breaks no invariant on %s', async (setUp) => {
    const { tasks, blows } = await runRound({ setUp, seed: SEED, seconds: SECONDS });
    expect(tasks).toBeGreaterThan(5);
    expect(blows).toBeGreaterThan(2);
  });
});
