import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { skillMd } from './agents-fixture.js';
import { AgentsServer } from './agents-server.js';

describe('the agents API refuses', () => {
  let server: AgentsServer;
  const api = () => server.api();
  const upload = (body: object, role?: string) => server.upload(body, role);

  beforeEach(async () => {
    server = await AgentsServer.start();
  });

  afterEach(() => server.close());

  it.each([
    '../x',
    '..%2f',
    'a/b',
    'a\\b',
    '.',
    'con',
    'a\0b',
    'x'.repeat(300),
    'dot.',
    '\u202ex',
    'ｆｏｏ',
    '-rf',
    '--help',
    'Foo',
    '',
  ])('the name %j', async (name) => {
    const answer = await upload({ name, claude_md: 'x' });
    expect(answer.body).toMatchObject({ statusCode: 400, code: 'INVALID_NAME' });
    expect(await readdir(server.userAgents)).toEqual([]);
    if (name === '' || name === '.') return;
    const encoded = encodeURIComponent(name);
    for (const path of [`/api/agents/${encoded}`, `/api/agents/${encoded}/resolution`]) {
      expect((await api().get(path)).body).toMatchObject({ code: 'INVALID_NAME' });
    }
    expect((await api().delete(`/api/agents/${encoded}`)).body).toMatchObject({ code: 'INVALID_NAME' });
  });

  it.each([
    ['an unknown key', '---\ncolour: red\n---\nx', 'colour'],
    ['a bad mode', '---\npermission_mode: yolo\n---\nx', 'permission_mode'],
    ['an odd model', '---\nmodel: "--mcp-config=x"\n---\nx', 'model'],
    ['an odd tool', '---\nallowed_tools: ["Bash(a),Write"]\n---\nx', 'allowed_tools'],
    ['a turn limit that is none', '---\nmax_turns: 0\n---\nx', 'max_turns'],
    ['broken YAML', '---\na: [\n---\nx', 'front matter'],
    ['no instructions', '---\ndescription: x\n---\n', 'instructions'],
    ['an import that leaves the folder', 'x\n@../../credentials/claude.json', 'leaves'],
  ])('%s, with a detail that says so', async (_what, claudeMd, word) => {
    const answer = await upload({ name: 'x', claude_md: claudeMd });
    expect(answer.body).toMatchObject({ statusCode: 400, code: 'INVALID_AGENT' });
    expect(JSON.stringify(answer.body.details)).toContain(word);
    expect(await readdir(server.userAgents)).toEqual([]);
  });

  it('hooks and servers in front matter', async () => {
    for (const key of ['hooks', 'mcpServers', 'mcp_servers', 'apiKeyHelper']) {
      const answer = await upload({ name: 'x', claude_md: `---\n${key}: x\n---\nx` }, 'admin');
      expect(answer.body).toMatchObject({ statusCode: 400, code: 'FORBIDDEN_AGENT_SETTING' });
      const skill = `---\nname: s\ndescription: S\n${key}: x\n---\nx`;
      const withSkill = await upload({
        name: 'x',
        claude_md: 'x',
        skills: [{ name: 's', skill_md: skill }],
      });
      expect(withSkill.body).toMatchObject({ statusCode: 400, code: 'FORBIDDEN_AGENT_SETTING' });
    }
  });

  it('bypassPermissions from anybody but an admin', async () => {
    const body = { name: 'x', claude_md: '---\npermission_mode: bypassPermissions\n---\nx' };
    expect((await upload(body, 'operator')).body).toMatchObject({
      statusCode: 400,
      code: 'FORBIDDEN_AGENT_SETTING',
    });
    expect((await upload(body, 'admin')).status).toBe(201);
  });

  it.each(['../x.md', 'a/../../x', '/etc/x', 'a\\b', './a', 'a//b', 'a b', 'a.', 'x:y', 'a/b/c/d/e/f/g'])(
    'a file in a skill that is called %j',
    async (path) => {
      const files = { 'SKILL.md': skillMd('s', 'S'), [path]: 'x' };
      const answer = await upload({ name: 'x', claude_md: 'x', skills: [{ name: 's', files }] });
      expect(answer.body).toMatchObject({ statusCode: 400, code: 'INVALID_NAME' });
    },
  );

  it.each([
    '.claude/settings.json',
    '.mcp.json',
    'hooks/hooks.json',
    'settings.json',
    '.env',
    'a/.git/config',
  ])('settings in a skill: %s', async (path) => {
    const files = { 'SKILL.md': skillMd('s', 'S'), [path]: '{}' };
    const answer = await upload({ name: 'x', claude_md: 'x', skills: [{ name: 's', files }] }, 'admin');
    expect(answer.body).toMatchObject({ statusCode: 400, code: 'FORBIDDEN_AGENT_SETTING' });
  });

  it.each([
    ['files that differ in case only', { 'a.md': 'x', 'A.md': 'x' }],
    ['a file that is a folder too', { a: 'x', 'a/b': 'x' }],
    ['a file that is not text', { 'a.md': 1 }],
  ])('%s', async (_what, more) => {
    const files = { 'SKILL.md': skillMd('s', 'S'), ...more };
    const answer = await upload({ name: 'x', claude_md: 'x', skills: [{ name: 's', files }] });
    expect(answer.body).toMatchObject({ statusCode: 400, code: 'INVALID_AGENT' });
  });

  it('a shared skill that does not exist', async () => {
    const answer = await upload({ name: 'x', claude_md: 'x', skills: ['code-review', 'nothing'] });
    expect(answer.body).toMatchObject({ statusCode: 400, code: 'INVALID_AGENT' });
    expect(JSON.stringify(answer.body.details)).toContain('SKILL_NOT_FOUND');
  });

  it('a skill without a description, which no model would ever be told of', async () => {
    const answer = await upload({
      name: 'x',
      claude_md: 'x',
      skills: [{ name: 's', skill_md: 'Only text.' }],
    });
    expect(answer.body).toMatchObject({ statusCode: 400, code: 'INVALID_AGENT' });
  });

  it('what is too large', async () => {
    expect((await upload({ name: 'x', claude_md: 'x'.repeat(256 * 1024 + 1) })).status).toBe(413);
    const large = { 'SKILL.md': skillMd('s', 'S'), big: 'x'.repeat(1024 * 1024 + 1) };
    expect((await upload({ name: 'x', claude_md: 'x', skills: [{ name: 's', files: large }] })).status).toBe(
      413,
    );
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`f${i}`, '']));
    expect((await upload({ name: 'x', claude_md: 'x', skills: [{ name: 's', files: many }] })).status).toBe(
      413,
    );
    expect(await readdir(server.userAgents)).toEqual([]);
  });

  it('fields it does not know, also inside of skills', async () => {
    for (const body of [
      { name: 'x', claude_md: 'x', model: 'opus' },
      { name: 'x', claude_md: 'x', skills: [{ name: 's', skill_md: skillMd('s', 'S'), hooks: {} }] },
      { name: 'x', claude_md: 'x', skills: 'code-review' },
      { name: 'x', claude_md: 'x', skills: [7] },
      { name: 'x' },
    ]) {
      expect((await upload(body)).body).toMatchObject({ statusCode: 400, code: 'VALIDATION_FAILED' });
    }
  });

  it('the name of the brain', async () => {
    expect((await upload({ name: 'brain', claude_md: 'x' })).body).toMatchObject({ code: 'NAME_CONFLICT' });
    expect((await api().delete('/api/agents/brain')).body).toMatchObject({ code: 'BUILT_IN_READ_ONLY' });
  });

  it('to delete what is built in, and what does not exist', async () => {
    expect((await api().delete('/api/agents/planning')).body).toMatchObject({
      statusCode: 409,
      code: 'BUILT_IN_READ_ONLY',
    });
    expect((await api().delete('/api/agents/nobody')).body).toMatchObject({
      statusCode: 404,
      code: 'AGENT_NOT_FOUND',
    });
  });

  it('to write through a planted link', async () => {
    await symlink('/tmp', join(server.userAgents, 'x'));
    expect((await upload({ name: 'x', claude_md: 'x' })).body).toMatchObject({
      statusCode: 409,
      code: 'UNSAFE_PATH',
    });
  });

  it('to let a viewer change anything', async () => {
    expect((await upload({ name: 'x', claude_md: 'x' }, 'viewer')).status).toBe(403);
    expect((await api().delete('/api/agents/planning').set('x-role', 'viewer')).status).toBe(403);
  });
});
