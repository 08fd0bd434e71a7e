import { describe, expect, it } from '@jest/globals';
import { parseJsonObject } from './parse-json.js';

describe('parseJsonObject', () => {
  it('reads an object', () => {
    expect(parseJsonObject('{"a":["}]\\"",{"b":1}]}')).toEqual({ a: ['}]"', { b: 1 }] });
  });

  it.each(['', 'name=x', '{', '"text"', '[1]', 'null', '{"a":1}x'])('refuses %j', (text) => {
    expect(() => parseJsonObject(text)).toThrow(expect.objectContaining({ code: 'INVALID_JSON' }));
  });

  it('refuses absurd depth before parsing it, and does not count brackets in texts', () => {
    expect(() => parseJsonObject('{"a":'.repeat(300_000))).toThrow('levels deep');
    expect(() => parseJsonObject(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)).toThrow('levels deep');
    expect(parseJsonObject(`{"a":"${'['.repeat(10_000)}"}`)).toHaveProperty('a');
  });

  it.each(['{"__proto__":{"x":1}}', '{"a":[{"__proto__":{"x":1}}]}', '{"\\u005f_proto__":{"x":1}}'])(
    'refuses %s',
    (text) => {
      expect(() => parseJsonObject(text)).toThrow('__proto__');
      expect({}).not.toHaveProperty('x');
    },
  );
});
