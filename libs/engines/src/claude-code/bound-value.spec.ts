import { describe, expect, it } from '@jest/globals';
import { boundText, boundValue } from './bound-value.js';

describe('bounding what a tool said', () => {
  it('keeps both ends of a long text and says how much is missing', () => {
    expect(boundText('a'.repeat(10) + 'b'.repeat(10), 8)).toBe('aaaa\n… [12 characters left out] …\nbbbb');
    expect(boundText('short', 8)).toBe('short');
  });

  it('bounds all strings of a value together', () => {
    const bounded = JSON.stringify(boundValue({ one: 'x'.repeat(900), two: ['y'.repeat(900), 'z'] }, 1000));
    expect(bounded.length).toBeLessThan(1200);
    expect(bounded).toContain('x'.repeat(900));
    expect(bounded).toContain('left out');
  });

  it('survives any depth', () => {
    let value: unknown = 'bottom';
    for (let depth = 0; depth < 10_000; depth++) value = [value];
    expect(JSON.stringify(boundValue(value))).toContain('too deep');
  });
});
