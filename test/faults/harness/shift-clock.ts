/** This process believes in another time of day. Monotonic clocks, and so timers, are not touched, as in the world. */
export function shiftClock(offsetMs: number): void {
  const RealDate = Date;
  const shifted = (): number => RealDate.now() + offsetMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: [], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [shifted()] : args, newTarget),
    apply: () => new RealDate(shifted()).toString(),
    get: (target, property, receiver) =>
      property === 'now' ? shifted : (Reflect.get(target, property, receiver) as unknown),
  });
}
