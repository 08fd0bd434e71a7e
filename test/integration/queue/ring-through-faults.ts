/**
 * A process that rings and answers bells while its test does bad things to Redis. It says what it does in lines of
 * JSON, and ends on SIGTERM. An unhandled rejection would end it at once: that is what the test is about.
 */
import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { bell, openQueue } from './open-queue.js';

const url = process.argv[2];
if (!url) throw new Error('usage: ring-through-faults.ts <redis url>');
const { queue, close } = await openQueue(url);
let ending = false;
process.on('SIGTERM', () => (ending = true));

const seen = { rung: 0, refused: 0, answered: 0, slowestMs: 0 };
await queue.answer(3, async (_bell, taken) => {
  taken();
  seen.answered += 1;
});
async function timed(work: Promise<unknown>): Promise<boolean> {
  const startedAt = performance.now();
  const worked = await work.then(
    () => true,
    () => false,
  );
  seen.slowestMs = Math.max(seen.slowestMs, Math.round(performance.now() - startedAt));
  return worked;
}

for (let turn = 0; !ending; turn += 1) {
  const rung = await timed(queue.ring([bell(`t${turn}`), bell(`u${turn}`)]));
  seen[rung ? 'rung' : 'refused'] += 2;
  await timed(queue.missing([bell(`t${turn}`)]));
  await timed(queue.depth());
  process.stdout.write(`${JSON.stringify(seen)}\n`);
  await delay(20);
}
await close();
