import { describe, expect, it } from '@jest/globals';
import { newId } from './new-id.js';

const V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('newId', () => {
  it('gives UUIDs of version 7, all different and in the order of the calls', () => {
    const ids = Array.from({ length: 20_000 }, newId);
    for (const id of ids.slice(0, 1000)) expect(id).toMatch(V7);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });

  it('carries the time', () => {
    const before = Date.now();
    const madeMs = Number.parseInt(newId().replace('-', '').slice(0, 12), 16);
    expect(Math.abs(madeMs - before)).toBeLessThan(1000);
  });

  it('does not give the same random part to two ids', () => {
    const tails = Array.from({ length: 2000 }, () => newId().slice(-12));
    expect(new Set(tails).size).toBe(tails.length);
  });
});
