import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { zipOf } from '../../support/hostile-zip.js';
import { skillMd } from './agents-fixture.js';
import { AgentsServer } from './agents-server.js';

interface Finding {
  level: string;
  file: string | null;
  line: number | null;
  code: string;
  message: string;
}

describe('validating', () => {
  let server: AgentsServer;
  const check = async (body: object, role = 'viewer', kind = 'agents') => {
    const answer = await server.api().post(`/api/${kind}/validate`).set('x-role', role).send(body);
    expect(answer.status).toBe(200);
    return answer.body as { ok: boolean; findings: Finding[] };
  };
  const where = ({ level, file, line, code }: Finding) => [level, file, line, code];

  beforeEach(async () => {
    server = await AgentsServer.start();
  });

  afterEach(async () => {
    expect(await readdir(server.userAgents)).toEqual([]);
    await server.close();
  });

  it('a good agent finds nothing', async () => {
    const claudeMd =
      '---\ndescription: Helps.\nallowed_tools: [Read, mcp__jira__search, "Bash(npm test:*)"]\n---\nHelp.';
    expect(await check({ name: 'x', claude_md: claudeMd, skills: ['code-review'] })).toEqual({
      ok: true,
      findings: [],
    });
  });

  it('does not call a description missing that stands beside a mistake', async () => {
    const { findings } = await check({
      name: 'x',
      claude_md: '---\ndescription: Helps.\ncolour: red\n---\nx',
    });
    expect(findings.map(where)).toEqual([['error', 'CLAUDE.md', 3, 'UNKNOWN_KEY']]);
  });

  it('finds all mistakes at once, each with its file and line', async () => {
    const claudeMd = [
      '---',
      'colour: red',
      'max_turns: 0',
      'hooks: {}',
      '---',
      'Work.',
      '@../secret.md',
      '@docs/missing.md',
    ].join('\n');
    const { ok, findings } = await check({
      name: 'x',
      claude_md: claudeMd,
      skills: ['nothing', { name: 's', skill_md: '---\nname: other\ndescription:\n---\nx' }],
    });
    expect(ok).toBe(false);
    expect(findings.filter(({ level }) => level === 'error').map(where)).toEqual([
      ['error', null, null, 'SKILL_NOT_FOUND'],
      ['error', 'CLAUDE.md', 2, 'UNKNOWN_KEY'],
      ['error', 'CLAUDE.md', 3, 'BAD_VALUE'],
      ['error', 'CLAUDE.md', 4, 'FORBIDDEN_SETTING'],
      ['error', 'CLAUDE.md', 7, 'IMPORT_LEAVES_FOLDER'],
      ['error', 'CLAUDE.md', 8, 'IMPORT_NOT_FOUND'],
      ['error', 'skills/s/SKILL.md', 2, 'BAD_VALUE'],
      ['error', 'skills/s/SKILL.md', 3, 'DESCRIPTION_MISSING'],
    ]);
    expect(findings.find(({ code }) => code === 'UNKNOWN_KEY')?.message).toMatch(/^colour is not known/);
  });

  it('finds broken YAML by its line, and bombs', async () => {
    const broken = await check({ name: 'x', claude_md: '---\ndescription: a\nmodel: [\n---\nx' });
    expect(broken.findings.map(where)).toContainEqual([
      'error',
      'CLAUDE.md',
      expect.any(Number),
      'BAD_FRONT_MATTER',
    ]);
    for (const yaml of ['a: &a [x]\nb: *a', 'a: !!js/function x', `a: ${'['.repeat(5000)}`]) {
      const { ok } = await check({ name: 'x', claude_md: `---\n${yaml}\n---\nx` });
      expect(ok).toBe(false);
    }
  });

  it('warns of what is probably not meant', async () => {
    const claudeMd = [
      '---',
      'allowed_tools: [bash, Frobnicate, CronCreate]',
      '---',
      'See @docs/gone.md for more.',
      'x'.repeat(40_001),
    ].join('\n');
    const skill = skillMd('code-review', 'Mine', 'line\n'.repeat(501));
    const { ok, findings } = await check({
      name: 'planning',
      claude_md: claudeMd,
      skills: [{ name: 'code-review', skill_md: skill }],
    });
    expect(ok).toBe(true);
    expect(findings.map(where)).toEqual([
      ['warning', null, null, 'HIDES_ANOTHER'],
      ['warning', 'CLAUDE.md', 1, 'DESCRIPTION_MISSING'],
      ['warning', 'CLAUDE.md', 2, 'UNKNOWN_TOOL'],
      ['warning', 'CLAUDE.md', 2, 'UNKNOWN_TOOL'],
      ['warning', 'CLAUDE.md', 2, 'WITHHELD_TOOL'],
      ['warning', 'CLAUDE.md', 4, 'LONG_TEXT'],
      ['warning', 'CLAUDE.md', 4, 'IMPORT_NOT_FOUND'],
      ['warning', 'skills/code-review', null, 'HIDES_ANOTHER'],
      ['warning', 'skills/code-review/SKILL.md', 501, 'LONG_TEXT'],
    ]);
    expect(findings[2]?.message).toContain('did you mean Bash?');
  });

  it('tells an operator, and not an admin, that bypassPermissions is refused', async () => {
    const body = { name: 'x', claude_md: '---\ndescription: x\npermission_mode: bypassPermissions\n---\nx' };
    expect((await check(body, 'operator')).findings.map(where)).toEqual([
      ['error', 'CLAUDE.md', null, 'FORBIDDEN_SETTING'],
    ]);
    expect((await check(body, 'admin')).ok).toBe(true);
  });

  it('says what an upload would be refused for before it is looked at', async () => {
    const { findings } = await check({ name: '../x', claude_md: '---\ndescription: x\n---\nx' });
    expect(findings.map(where)).toEqual([['error', null, null, 'INVALID_NAME']]);
    const files = { 'SKILL.md': skillMd('s', 'S'), '.mcp.json': '{}' };
    const forbidden = await check({ name: 'x', claude_md: 'x', skills: [{ name: 's', files }] });
    expect(forbidden.findings.map(where)).toEqual([['error', null, null, 'FORBIDDEN_AGENT_SETTING']]);
  });

  it('takes archives too', async () => {
    const archive = zipOf([
      { name: 'a/CLAUDE.md', content: '---\ndescription: x\n---\nSee\n@docs/b.md\n' },
      { name: 'a/docs/b.md', content: 'one\n@missing.md\n' },
    ]);
    const { body } = await server.api().post('/api/agents/validate').attach('archive', archive, 'a.zip');
    expect(body.findings.map(where)).toEqual([['error', 'docs/b.md', 2, 'IMPORT_NOT_FOUND']]);
  });

  it('knows skills', async () => {
    expect(await check({ name: 's', skill_md: skillMd('s', 'S') }, 'viewer', 'skills')).toEqual({
      ok: true,
      findings: [],
    });
    const { findings } = await check({ name: 's', skill_md: '---\na: [\n---\n' }, 'viewer', 'skills');
    expect(findings.map(({ file, code }) => [file, code])).toEqual([['SKILL.md', 'BAD_FRONT_MATTER']]);
  });
});
