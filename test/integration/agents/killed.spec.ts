import { cpSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AgentUploads, zipBytes } from '@app/agents';
import { VersionHistory } from '../../../libs/agents/src/versions/version-history.js';
import { Program } from '../../support/program.js';
import { tempDataDir } from '../../support/temp-folder.js';
import { makeFolders, skillMd, startAgents, type Folders } from './agents-fixture.js';
import { textsOfFolder } from './texts-of-folder.js';

jest.setTimeout(120_000);

const AUTHOR = { caller: { key_id: 'key', name: 'k', role: 'admin', via: 'bearer' }, note: null } as const;

type Texts = Record<string, string>;
const textsOf = (word: string): Texts => ({
  'CLAUDE.md': `${word}\n`,
  [`skills/${word}/SKILL.md`]: skillMd(word, word),
});
const jsonOf = (word: string) => ({
  name: 'x',
  claude_md: `${word}\n`,
  skills: [{ name: word, skill_md: skillMd(word, word) }],
});

describe('an agent whose change is killed', () => {
  let appDir: string;
  /** The volume without the agent, and with two versions of it. */
  let empty: string;
  let full: string;
  let first: string;
  const files = { json: '', zip: '' };

  beforeAll(async () => {
    const folders = await makeFolders();
    appDir = folders.appDir;
    full = folders.dataDir;
    empty = await tempDataDir('empty');
    const module = await startAgents(folders);
    cpSync(full, empty, { recursive: true });
    await module.get(AgentUploads).upload(jsonOf('first'), null, AUTHOR);
    first = (await module.get(VersionHistory).list('agents', 'x'))[0]?.digest ?? '';
    await module.get(AgentUploads).upload(jsonOf('second'), null, AUTHOR);
    await module.close();
    const place = await tempDataDir('bodies');
    files.json = join(place, 'body.json');
    files.zip = join(place, 'agent.zip');
    await writeFile(files.json, JSON.stringify(jsonOf('third')));
    const zipped = Object.entries(textsOf('third')).map(
      ([path, text]) => [path, { content: Buffer.from(text), executable: false }] as const,
    );
    await writeFile(files.zip, await zipBytes(new Map(zipped)));
  });

  /** Returns how many steps it took; null when it was killed. */
  async function change(dataDir: string, ...args: string[]): Promise<number | null> {
    const program = Program.spawn(['dist/test/integration/agents/change-agent-until.js', ...args], {
      APP_DIR: appDir,
      DATA_DIR: dataDir,
    });
    const code = await program.finished();
    if (program.child.signalCode === 'SIGKILL') return null;
    const [, steps] = /^steps: (\d+)$/m.exec(program.log) ?? [];
    if (code !== 0 || steps === undefined) throw new Error(program.log);
    return Number(steps);
  }

  const CASES: [
    title: string,
    from: () => string,
    args: () => [string, string],
    before: Texts | null,
    after: Texts | null,
  ][] = [
    ['a first upload as JSON', () => empty, () => ['json', files.json], null, textsOf('third')],
    ['a replacement by a zip', () => full, () => ['zip', files.zip], textsOf('second'), textsOf('third')],
    ['a roll back', () => full, () => ['roll-back', first], textsOf('second'), textsOf('first')],
    ['a deletion', () => full, () => ['delete', ''], textsOf('second'), null],
  ];
  // A process for every step would take minutes: `crashes.spec.ts` goes through all of them inside of one.
  it.each(CASES)(
    'early, amid and late in %s is the old or the new one',
    async (_title, from, args, before, after) => {
      const [what, of] = args();
      const tryOut = async (step: number): Promise<{ steps: number | null; end: 'old' | 'new' }> => {
        const dataDir = await tempDataDir('killed');
        cpSync(from(), dataDir, { recursive: true });
        const steps = await change(dataDir, what, String(step), of);
        const found = await textsOfFolder(join(dataDir, 'config/agents/x'));
        expect([before, after]).toContainEqual(found);
        await expectConsistent({ appDir, dataDir }, found);
        return { steps, end: isDeepStrictEqual(found, after) ? 'new' : 'old' };
      };
      const { steps, end } = await tryOut(0);
      expect(end).toBe('new');
      const ends = [];
      for (const part of [0.15, 0.5, 0.9]) ends.push(await tryOut(Math.ceil((steps ?? 0) * part)));
      expect(ends.map((one) => one.steps)).toEqual([null, null, null]);
      expect(ends[0]?.end).toBe('old');
    },
  );
});

/** After the next start, the history and the index say what is there. */
async function expectConsistent(folders: Folders, found: Texts | null): Promise<void> {
  const module = await startAgents(folders);
  try {
    const history = module.get(VersionHistory);
    const digest = (await history.list('agents', 'x')).at(-1)?.digest ?? null;
    const index = JSON.parse(await readFile(join(folders.dataDir, 'registry/agents.json'), 'utf8'));
    expect(index.agents.x?.digest ?? null).toBe(digest);
    if (digest === null) return expect(found).toBeNull();
    const { files } = await history.find('agents', 'x', digest);
    const texts = [...files].map(([path, { content }]) => [path, content.toString()]);
    expect(Object.fromEntries(texts)).toEqual(found);
  } finally {
    await module.close();
  }
}
