import { describe, expect, it } from '@jest/globals';
import { stripControls, toJsonLine } from './strip-controls.js';

describe('stripControls', () => {
  it.each([
    ['colours', 'a\u001b[31mred\u001b[0mb', 'aredb'],
    ['clearing the screen', '\u001b[2J\u001b[Hhi', 'hi'],
    ['a window title', '\u001b]0;owned\u0007hi', 'hi'],
    ['a link', '\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['writing to the clipboard', '\u001b]52;c;ZXZpbA==\u0007hi', 'hi'],
    ['8-bit sequences', '\u009b31mred\u009d0;t\u009chi', 'redhi'],
    ['a return to the start of the line', 'safe\rrm -rf', 'saferm -rf'],
    ['backspaces and bells', 'a\b\u0007b\u007f', 'ab'],
    ['a full reset', '\u001bchi', 'hi'],
    ['text that runs the other way', 'a\u202eb', 'ab'],
  ])('removes %s', (_what, text, expected) => expect(stripControls(text)).toBe(expected));

  it('keeps newlines, tabs and letters of all scripts', () => {
    expect(stripControls('ä\t日本\r\n👍\n')).toBe('ä\t日本\n👍\n');
  });

  it('leaves no escape character of a sequence that never ends', () => {
    expect(stripControls('\u001b]0;no end\nnext\u001b[')).not.toContain('\u001b');
  });
});

describe('toJsonLine', () => {
  it('loses nothing and shows no control character', () => {
    const line = toJsonLine({ text: '\u001b[31m\u009b' });
    expect(line).toBe('{"text":"\\u001b[31m\\u009b"}\n');
    expect(JSON.parse(line)).toEqual({ text: '\u001b[31m\u009b' });
  });
});
