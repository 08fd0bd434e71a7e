import { describe, expect, it } from '@jest/globals';
import { renameSkill } from './rename-skill.js';

function renamed(text: string): string | undefined {
  const files = new Map([['SKILL.md', { content: Buffer.from(text), executable: false }]]);
  return renameSkill(files, 'new-name').get('SKILL.md')?.content.toString();
}

describe('a skill under another name', () => {
  it('has that name in its front matter, and nothing else is changed', () => {
    const text = '---\n# ours\ndescription: Writes.\nname: "old"\n---\n\nname: old stays in the text.\n';
    expect(renamed(text)).toBe(text.replace('name: "old"', 'name: new-name'));
    expect(renamed('---\r\nname: old\r\n---\r\nText.\r\n')).toBe('---\r\nname: new-name\r\n---\r\nText.\r\n');
  });

  it('stays as it is when it does not repeat its name', () => {
    expect(renamed('---\ndescription: Writes.\n---\nText.')).toBe('---\ndescription: Writes.\n---\nText.');
    expect(renamed('Text.')).toBe('Text.');
  });
});
