/** Milliseconds of the machine's monotonic clock: the same for all processes, and no fault moves it. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
