import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const BYTES = 16;
/** Asking the system for random bytes costs the same for many as for few. */
const drawn = new Uint8Array(BYTES * 256);
let used = drawn.length;

let lastMs = 0;
let seq = 0;

/** A UUIDv7: unique without asking the database, and in the order of time; those of one process in that of the calls. */
export function newId(): string {
  const random = draw();
  const nowMs = Date.now();
  if (nowMs > lastMs) {
    lastMs = nowMs;
    // Half of the range is left to count in.
    seq = new DataView(random.buffer, random.byteOffset).getUint32(6) >>> 1;
  } else {
    seq = (seq + 1) >>> 0;
    if (seq === 0) lastMs += 1;
  }
  return v7({ random, msecs: lastMs, seq });
}

function draw(): Uint8Array {
  if (used >= drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  return drawn.subarray(used, (used += BYTES));
}
