import { describe, expect, it } from '@jest/globals';
import { inOrderOfUse } from './order-of-use.js';

const one = (label: string, priority = 0) => ({ label, priority, credentialId: label });
const order = (all: ReturnType<typeof one>[], used: Record<string, string> = {}) =>
  inOrderOfUse(all, (id) => used[id] ?? null).map(({ label }) => label);

describe('the order in which credentials are used', () => {
  it('begins with the one that was used least recently, and with one that never was before that', () => {
    const used = { a: '2026-01-22T10:00:02.000Z', b: '2026-01-22T10:00:01.000Z' };
    expect(order([one('a'), one('b'), one('c')], used)).toEqual(['c', 'b', 'a']);
  });

  it('puts a higher priority before it', () => {
    const used = { paid: '2026-01-22T10:00:00.000Z', plan: '2026-01-22T11:00:00.000Z' };
    expect(order([one('paid', -1), one('plan')], used)).toEqual(['plan', 'paid']);
  });

  it('is by label when nothing else tells them apart', () => {
    expect(order([one('b'), one('a')])).toEqual(['a', 'b']);
  });
});
