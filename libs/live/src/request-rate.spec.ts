import { describe, expect, it } from '@jest/globals';
import { upTo } from '../../../test/integration/live/events-fixture.js';
import { RequestRate } from './request-rate.js';

describe('RequestRate', () => {
  it('allows a hundred requests a second, and again in the next', () => {
    let nowMs = 5_100;
    const rate = new RequestRate(() => nowMs);
    const allowed = (): number => upTo(1000).filter(() => rate.allows()).length;
    expect(allowed()).toBe(100);
    nowMs = 5_999;
    expect(allowed()).toBe(0);
    nowMs = 6_000;
    expect(allowed()).toBe(100);
  });
});
