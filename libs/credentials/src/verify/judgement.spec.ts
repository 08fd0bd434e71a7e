import { describe, expect, it } from '@jest/globals';
import type { ProviderAnswer } from './ask-provider.js';
import { judge, limited, retryAfter, secondsSinceEpoch } from './judgement.js';

const NOW = Date.parse('2030-01-01T12:00:00.000Z');
const status = (code: number): ProviderAnswer => ({ kind: 'answer', status: code, header: () => null });
const verdictOf = (answer: ProviderAnswer) => judge(answer, NOW, () => null).verdict;

describe('what the answer of a provider means', () => {
  it.each([
    [200, 'valid'],
    [204, 'valid'],
    [302, 'unreachable'],
    [401, 'invalid'],
    [402, 'invalid'],
    [403, 'invalid'],
    [404, 'unreachable'],
    [429, 'limited'],
    [500, 'unreachable'],
    [529, 'unreachable'],
  ])('is, for %i, %s', (code, verdict) => {
    expect(verdictOf(status(code))).toBe(verdict);
  });

  it('says nothing against the credential when there is no answer', () => {
    expect(verdictOf({ kind: 'silence', why: 'timeout' })).toBe('unreachable');
    expect(verdictOf({ kind: 'silence', why: 'no_connection' })).toBe('unreachable');
  });

  it('tells until when a limit holds, and a minute when nobody says', () => {
    const hour = NOW + 3_600_000;
    expect(judge(status(429), NOW, () => hour).limitedUntil).toBe('2030-01-01T13:00:00.000Z');
    expect(judge(status(429), NOW, () => null).limitedUntil).toBe('2030-01-01T12:01:00.000Z');
  });

  it.each([NOW - 1, NOW + 400 * 86_400_000])('does not believe in a limit that ends at %i', (endMs) => {
    expect(limited(NOW, endMs).limitedUntil).toBe('2030-01-01T12:01:00.000Z');
  });

  it('reads times as headers give them', () => {
    expect(retryAfter('90', NOW)).toBe(NOW + 90_000);
    expect(retryAfter('Tue, 01 Jan 2030 12:05:00 GMT', NOW)).toBe(NOW + 300_000);
    expect(retryAfter('soon', NOW)).toBeNull();
    expect(retryAfter(null, NOW)).toBeNull();
    expect(secondsSinceEpoch('1893499200')).toBe(NOW);
    expect(secondsSinceEpoch('1e99')).toBeNull();
  });
});
