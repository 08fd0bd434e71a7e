import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { explainFailure } from '../../../apps/cli/src/explain-failure.js';
import { createProgram } from '../../../apps/cli/src/program.js';
import { tempDataDir } from '../../support/temp-folder.js';
import { skillMd, writeFiles } from '../agents/agents-fixture.js';
import { startTestServer, type TestServer } from '../http/test-server.js';

let server: TestServer;
let folder: string;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  folder = await tempDataDir('cli');
});

/** Runs a command as somebody would type it. */
async function cli(...args: string[]): Promise<{ out: string; error: string | null }> {
  let out = '';
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  try {
    await createProgram().parseAsync(['--url', server.url, '--key', server.adminKey, ...args], {
      from: 'user',
    });
    return { out, error: null };
  } catch (error) {
    return { out, error: explainFailure(error).message };
  } finally {
    stdout.mockRestore();
  }
}

describe('claude-agent agents', () => {
  it('stores a folder, shows it, changes it, and goes back', async () => {
    await writeFiles(folder, {
      'reviewer/CLAUDE.md': '---\ndescription: Reviews.\n---\nReview.\n@docs/rules.md\n',
      'reviewer/docs/rules.md': 'Be kind.\n',
      'reviewer/.git/HEAD': 'left out',
    });
    const place = join(folder, 'reviewer');
    expect((await cli('agents', 'validate', place)).out).toContain('it is fine');
    expect((await cli('agents', 'upload', place, '--note', 'first')).out).toMatch(
      /^Stored reviewer, version [0-9a-f]{12}\.\n$/,
    );
    expect((await cli('agents', 'list')).out).toMatch(/reviewer +user +Reviews\./);
    expect((await cli('agents', 'show', 'reviewer')).out).toContain('/data/config/agents/reviewer');
    await writeFile(join(place, 'docs/rules.md'), 'Be brief.\n');
    await cli('agents', 'upload', place, '--note', 'second');
    const { out } = await cli('agents', 'versions', 'reviewer');
    const [second = '', first = ''] = out
      .split('\n')
      .slice(1)
      .map((line) => line.split(/\s/, 1)[0] ?? '');
    expect(out).toMatch(/uploaded \(current\) .* second\n/);
    expect((await cli('agents', 'diff', 'reviewer', first, second)).out).toContain('-Be kind.\n+Be brief.\n');
    expect((await cli('agents', 'rollback', 'reviewer', first, '--note', 'kind is better')).out).toContain(
      first,
    );
    const after = (await cli('agents', 'versions', 'reviewer')).out;
    expect(after.match(/\w+ \(current\)/g)).toEqual(['restored (current)']);
    const stored = join(server.dataDir, 'config/agents/reviewer/docs/rules.md');
    expect(await readFile(stored, 'utf8')).toBe('Be kind.\n');
  });

  it('exports, copies and deletes', async () => {
    const zip = join(folder, 'planning.zip');
    expect((await cli('agents', 'export', 'planning', '-o', zip)).out).toContain('Wrote');
    expect((await cli('agents', 'upload', zip, '--name', 'planner')).out).toContain('Stored planner');
    expect((await cli('agents', 'copy', 'planning')).out).toContain('Copied planning to planning.');
    expect((await cli('agents', 'delete', 'planning')).out).toContain('Deleted planning.');
    expect((await cli('agents', 'delete', 'planning')).error).toMatch(/^BUILT_IN_READ_ONLY: .*Copy it/);
  });

  it('says where mistakes are, and that an upload would be refused', async () => {
    await writeFiles(folder, { 'bad/CLAUDE.md': '---\ncolour: red\n---\nx\n' });
    const { out, error } = await cli('agents', 'validate', join(folder, 'bad'));
    expect(out).toMatch(/^CLAUDE\.md:2: error: colour is not known.*\[UNKNOWN_KEY\]\n/);
    expect(error).toContain('would be refused');
    expect((await cli('agents', 'upload', join(folder, 'bad'))).error).toMatch(/^INVALID_AGENT/);
    expect((await cli('agents', 'upload', join(folder, 'nowhere'))).error).toMatch(/^There is no .*nowhere/);
    expect((await cli('agents', 'show', 'nobody')).error).toMatch(/^AGENT_NOT_FOUND/);
  });
});

describe('claude-agent skills', () => {
  it('stores, shows, lists and deletes', async () => {
    await writeFiles(folder, {
      'notes/SKILL.md': skillMd('notes', 'Writes notes'),
      'notes/references/more.md': 'More.',
    });
    expect((await cli('skills', 'upload', join(folder, 'notes'))).out).toBe('Stored notes for all agents.\n');
    expect((await cli('skills', 'show', 'notes')).out).toMatch(
      /references\/more\.md +5\n[^]*Body of notes\./,
    );
    expect((await cli('skills', 'list')).out).toMatch(/notes +user +Writes notes/);
    expect((await cli('skills', 'delete', 'notes')).out).toContain('Deleted notes.');
    expect((await cli('skills', 'delete', 'notes')).error).toMatch(/^SKILL_NOT_FOUND/);
  });

  it('checks, exports and copies, and goes back to an earlier version', async () => {
    const place = join(folder, 'verses');
    await writeFiles(folder, { 'verses/SKILL.md': skillMd('verses', 'Writes verses') });
    expect((await cli('skills', 'validate', place)).out).toContain('it is fine');
    await cli('skills', 'upload', place);
    await writeFiles(folder, { 'verses/SKILL.md': skillMd('verses', 'Writes long verses') });
    await cli('skills', 'upload', place, '--note', 'longer');
    const zip = join(folder, 'verses.zip');
    expect((await cli('skills', 'export', 'verses', '-o', zip)).out).toContain('Wrote');
    expect((await cli('skills', 'copy', 'verses', 'rhymes')).out).toBe('Copied verses to rhymes.\n');
    const { out } = await cli('skills', 'versions', 'verses');
    const [second = '', first = ''] = [...out.matchAll(/^([0-9a-f]{12}) /gm)].map((match) => match[1] ?? '');
    expect(out).toContain('longer');
    expect((await cli('skills', 'diff', 'verses', first, second)).out).toContain(
      '+description: Writes long verses',
    );
    expect((await cli('skills', 'rollback', 'verses', first)).out).toContain(
      `verses is version ${first} again`,
    );
    expect((await cli('skills', 'show', 'verses')).out).not.toContain('long');
  });
});
