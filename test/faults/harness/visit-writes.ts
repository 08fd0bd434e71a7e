import { waitFor } from '../../support/wait-for.js';
import { nameFailPoint, SIDES, type FailPoint, type Side } from './fail-point-name.js';
import type { FaultNode } from './fault-node.js';

/** More writes than a node makes from its start, or from a submit to the end of the task. */
const MOST_WRITES = 20;
/** Of a write that not every run makes, because it stored two pieces of output as one. */
const MOST_TRIES = 5;
const VISIT_LIMIT_MS = 40_000;

/** A node was killed here. */
export interface Visit {
  side: Side;
  writer: string;
}

export interface Route {
  node: FaultNode;
  from: FailPoint['from'];
  /** Gives the node, which runs with a fail point, something to write. Not called when it was killed at its start. */
  begin: () => Promise<void>;
  /** All that was begun is done. */
  isOver: () => Promise<boolean>;
}

/**
 * Kills the node at its first write, before and after the commit, then at its second one, and so on. Ends when there is
 * nothing left to write: it lives through both sides of the next point. Returns where it was killed.
 */
export async function visitWrites(route: Route): Promise<Visit[]> {
  const visits: Visit[] = [];
  for (let count = 1; count <= MOST_WRITES; count += 1) {
    const here = await visitBothSides(route, count);
    if (here.length === 0) return visits;
    visits.push(...here);
  }
  throw new Error(
    `${route.node.name} writes more than ${MOST_WRITES} times: the last of them were not visited`,
  );
}

/** Both sides of a write, or neither: then the node has lived through both. */
async function visitBothSides(route: Route, count: number): Promise<Visit[]> {
  const visits: Visit[] = [];
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    for (const side of SIDES.filter((one) => visits.every((known) => known.side !== one))) {
      const writer = await visit(route, { from: route.from, count, side, writer: null });
      if (writer !== null) visits.push({ side, writer });
    }
    if (visits.length === 0 || visits.length === SIDES.length) return visits;
  }
  throw new Error(`${route.node.name} was killed on one side of its write ${count} only`);
}

/** Starts the node anew and lets it work until it is killed there: by which write. Null: it lives, and all is over. */
export async function visit({ node, begin, isOver }: Route, point: FailPoint): Promise<string | null> {
  if (node.runs) await node.kill();
  await node.startWithFailPoint(point);
  if (node.runs) {
    await begin();
    await waitFor(async () => !node.runs || (await isOver()), {
      timeoutMs: VISIT_LIMIT_MS,
      intervalMs: 50,
      what: `${nameFailPoint(point)} to be passed`,
    });
  }
  return node.runs ? null : node.killedAt(point);
}

/** The writers that were killed on this side. */
export function writersOf(visits: readonly Visit[], side: Side): Set<string> {
  return new Set(visits.filter((one) => one.side === side).map(({ writer }) => writer));
}
