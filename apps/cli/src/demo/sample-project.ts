import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const SOURCE_FILE = 'greet.js';
export const BUG = 'return `Hello!`;';
export const FIX = 'return `Hello, ${name}!`;';

const FILES = {
  'package.json': `${JSON.stringify({ name: 'greeter', private: true, type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  [SOURCE_FILE]: `/** A friendly greeting for one person. */\nexport function greet(name) {\n  ${BUG}\n}\n`,
  'greet.test.js': [
    "import assert from 'node:assert/strict';",
    "import { test } from 'node:test';",
    "import { greet } from './greet.js';",
    '',
    "test('greets by name', () => assert.equal(greet('Ada'), 'Hello, Ada!'));",
    "test('sounds friendly', () => assert.match(greet('Ada'), /!$/));",
    '',
  ].join('\n'),
};

/** A project of three files with one failing test. */
export async function writeSampleProject(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
}

export async function isMended(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, SOURCE_FILE), 'utf8');
  return text.includes(FIX) && !text.includes(BUG);
}
