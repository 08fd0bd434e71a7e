import type * as FsPromises from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { textsOfFolder } from './texts-of-folder.js';

/** Counts what changes the disk, and from the chosen step on lets nothing more happen, as a killed process does. */
class CrashingDisk {
  private step = 0;
  private crashAt = Infinity;

  crashAtStep(step: number): void {
    this.step = 0;
    this.crashAt = step;
  }

  get crashed(): boolean {
    return this.step >= this.crashAt;
  }

  before(): void {
    this.step++;
    if (this.crashed) throw Object.assign(new Error('the process is dead'), { code: 'ECRASHED' });
  }
}

const disk = new CrashingDisk();
const fs: typeof FsPromises = await import('node:fs/promises');
const { readFile } = fs;

const CHANGING = ['rename', 'rm', 'mkdir', 'unlink', 'link', 'chmod', 'writeFile', 'utimes'] as const;
const crashing = Object.fromEntries(
  CHANGING.map((name) => [
    name,
    (...args: unknown[]): unknown => {
      disk.before();
      return (fs[name] as (...all: unknown[]) => unknown)(...args);
    },
  ]),
);
const open: typeof fs.open = async (path, flags, mode) => {
  if (flags !== 'wx') return fs.open(path, flags, mode);
  disk.before();
  const handle = await fs.open(path, flags, mode);
  const write = handle.writeFile.bind(handle);
  handle.writeFile = async (...args) => {
    disk.before();
    return write(...args);
  };
  return handle;
};
jest.unstable_mockModule('node:fs/promises', () => ({ ...fs, ...crashing, open }));

const { makeFolders, settingsFor, skillMd } = await import('./agents-fixture.js');
const { AgentsModule } = await import('@app/agents');
const { Test } = await import('@nestjs/testing');
const { FolderChanges } = await import('../../../libs/agents/src/uploads/folder-changes.js');
const { AgentRules } = await import('../../../libs/agents/src/agents/agent-rules.js');
const { VersionHistory } = await import('../../../libs/agents/src/versions/version-history.js');

const CALLER = { key_id: 'key', name: 'k', role: 'admin', via: 'bearer' } as const;
const AUTHOR = { caller: CALLER, note: null };
const filesOf = (word: string) =>
  new Map(
    Object.entries({
      'CLAUDE.md': word,
      'docs/a.md': word,
      [`skills/${word}/SKILL.md`]: skillMd(word, word),
    }).map(([path, text]) => [path, { content: Buffer.from(text), executable: false }]),
  );

describe('a crash at each step', () => {
  let module: TestingModule | null = null;

  afterEach(async () => {
    disk.crashAtStep(Infinity);
    await module?.close();
    module = null;
  });

  /** Starts on the folders, as the next process does. */
  async function start(folders: Awaited<ReturnType<typeof makeFolders>>): Promise<TestingModule> {
    disk.crashAtStep(Infinity);
    await module?.close();
    module = await (
      await Test.createTestingModule({ imports: [AgentsModule.for(settingsFor(folders))] })
        .setLogger({ log() {}, warn() {}, error() {} })
        .compile()
    ).init();
    return module;
  }

  const asTexts = (files: ReadonlyMap<string, { content: Buffer }>): Record<string, string> =>
    Object.fromEntries([...files].map(([path, { content }]) => [path, content.toString()]));

  const put = (changes: InstanceType<typeof FolderChanges>, rules: InstanceType<typeof AgentRules>) =>
    changes.put(rules, 'x', filesOf('new'), AUTHOR);
  it.each([
    ['of a first upload', [], put, asTexts(filesOf('new'))],
    [
      'of a roll back',
      ['new', 'old'],
      (changes: InstanceType<typeof FolderChanges>, rules: InstanceType<typeof AgentRules>) =>
        changes.put(rules, 'x', filesOf('new'), AUTHOR, { change: 'restored' }),
      asTexts(filesOf('new')),
    ],
    ['of a replacement', ['old'], put, asTexts(filesOf('new'))],
    [
      'of an edit',
      ['old'],
      (changes: InstanceType<typeof FolderChanges>, rules: InstanceType<typeof AgentRules>) =>
        changes.putFile(rules, 'x', 'docs/a.md', { content: Buffer.from('new'), executable: false }, AUTHOR),
      { ...asTexts(filesOf('old')), 'docs/a.md': 'new' },
    ],
    [
      'of a deletion',
      ['old'],
      (changes: InstanceType<typeof FolderChanges>, rules: InstanceType<typeof AgentRules>) =>
        changes.remove(rules, 'x', AUTHOR),
      null,
    ],
  ])(
    '%s leaves the old or the new agent, and a history that agrees with it',
    async (_what, earlier, change, after) => {
      const before = earlier.length > 0 ? asTexts(filesOf('old')) : null;
      const outcomes = new Set<string>();
      const nameOf = (found: unknown) => (isDeepStrictEqual(found, after) ? 'new' : 'old');
      for (let step = 1; ; step++) {
        const folders = await makeFolders();
        const first = await start(folders);
        const rules = first.get(AgentRules);
        for (const word of earlier) await first.get(FolderChanges).put(rules, 'x', filesOf(word), AUTHOR);
        disk.crashAtStep(step);
        await change(first.get(FolderChanges), rules).catch(() => null);
        const { crashed } = disk;

        const second = await start(folders);
        const found = await textsOfFolder(join(folders.dataDir, 'config/agents/x'));
        expect([before, after]).toContainEqual(found);
        outcomes.add(nameOf(found));
        const history = await second.get(VersionHistory).list('agents', 'x');
        // Whoever made what is there is known, also when the process died before it could say so.
        for (const entry of history) expect(entry).toMatchObject({ by: 'key' });
        const last = history.at(-1)?.digest ?? null;
        if (last === null) expect(found).toBeNull();
        else {
          const { files } = await second.get(VersionHistory).find('agents', 'x', last);
          expect(asTexts(files)).toEqual(found);
        }
        const index = JSON.parse(await readFile(join(folders.dataDir, 'registry/agents.json'), 'utf8'));
        expect(index.agents.x?.digest ?? null).toBe(last);
        if (!crashed) break;
      }
      expect([...outcomes]).toEqual(['old', 'new']);
    },
    120_000,
  );
});
