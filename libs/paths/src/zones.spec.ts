import { describe, expect, it } from '@jest/globals';
import { joinPath, type DataPath } from './zones.js';

const data = '/data' as DataPath;

describe('joinPath', () => {
  it('joins names', () => {
    expect(joinPath(data, 'config', 'agents/x')).toBe('/data/config/agents/x');
  });

  it.each(['..', '../x', 'a/../../b', '/etc', 'a\0b', '', 'a\\..\\b'])('refuses %j', (part) => {
    expect(() => joinPath(data, part)).toThrow();
  });
});
