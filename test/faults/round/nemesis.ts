import type { Random } from '../harness/random.js';
import type { SetUpName } from '../harness/set-up.js';

/** What goes wrong, when, and for how long. `target` is the how many-th node, counted over all of them. */
export interface Blow {
  atMs: number;
  kind: BlowKind;
  target: number;
  forMs: number;
}

const TO_NODES = ['kill', 'kill', 'halt', 'restart', 'flap'] as const;
const TO_SERVERS = [
  'redis-kill',
  'redis-flush',
  'redis-cut',
  'redis-silent',
  'database-cut',
  'database-silent',
  'lose-commit',
  'lose-intake',
  'postgres-kill',
] as const;
/** For the one process that has its database on the same disk. */
const TO_DISK = ['disk-full'] as const;
type BlowKind = (typeof TO_NODES)[number] | (typeof TO_SERVERS)[number] | (typeof TO_DISK)[number];

/** The plan of a round: it depends on nothing but its seed, the set-up and the time. */
export function planBlows(random: Random, setUp: SetUpName, seconds: number, nodes: number): Blow[] {
  const kinds: readonly [BlowKind, ...BlowKind[]] =
    setUp === 'sqlite' ? [...TO_NODES, ...TO_DISK] : [...TO_NODES, ...TO_SERVERS];
  const blows: Blow[] = [];
  for (let atMs = 1500; atMs < seconds * 1000; atMs += random.between(1000, 4000))
    blows.push({
      atMs,
      kind: random.pick(kinds),
      target: random.between(0, nodes - 1),
      forMs: random.between(200, 5000),
    });
  return blows;
}

export function describeBlow({ atMs, kind, target, forMs }: Blow): string {
  return `${(atMs / 1000).toFixed(1).padStart(6)} s  ${kind} (node ${target}, ${forMs} ms)`;
}
