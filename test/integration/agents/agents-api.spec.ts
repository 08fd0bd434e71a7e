import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { AgentsModule } from '@app/agents';
import { makeFolders, settingsFor, skillMd, writeFiles, type Folders } from './agents-fixture.js';
import { serve } from './serve.js';

describe('the agents API', () => {
  let folders: Folders;
  let app: NestExpressApplication;
  const api = () => request(app.getHttpServer());
  const upload = (body: object, role = 'operator') =>
    api().post('/api/agents/upload').set('x-role', role).send(body);
  const userAgents = () => join(folders.dataDir, 'config/agents');
  const registry = async () =>
    JSON.parse(await readFile(join(folders.dataDir, 'registry/agents.json'), 'utf8'));

  beforeEach(async () => {
    folders = await makeFolders();
    app = await serve(AgentsModule.for(settingsFor(folders)));
  });

  afterEach(() => app.close());

  describe('an upload', () => {
    it('is stored where the founding document says, and registered', async () => {
      const answer = await upload({
        name: 'my-custom-agent',
        claude_md: '---\ndescription: Helps.\n---\nHelp.',
        skills: [],
      });
      expect(answer.status).toBe(201);
      expect(answer.body).toMatchObject({
        name: 'my-custom-agent',
        description: 'Helps.',
        source: 'user',
        overrides: null,
        claude_md: '---\ndescription: Helps.\n---\nHelp.',
        uploaded_by: 'key-of-operator',
        problem: null,
      });
      expect(await readFile(join(userAgents(), 'my-custom-agent/CLAUDE.md'), 'utf8')).toContain('Help.');
      expect(await registry()).toEqual({
        version: 1,
        agents: {
          'my-custom-agent': {
            digest: answer.body.digest,
            uploaded_at: answer.body.uploaded_at,
            uploaded_by: 'key-of-operator',
          },
        },
      });
    });

    it('brings skills as files or as one text, and counts on shared ones by name', async () => {
      const answer = await upload({
        name: 'x',
        claude_md: 'Do it.',
        skills: [
          'code-review',
          {
            name: 'own',
            files: { 'SKILL.md': skillMd('own', 'Own'), 'scripts/run.sh': '#!/bin/sh\necho\n' },
          },
          { name: 'short', skill_md: skillMd('short', 'Short') },
        ],
      });
      expect(answer.status).toBe(201);
      expect(
        answer.body.skills.map((skill: { name: string; source: string }) => `${skill.source}/${skill.name}`),
      ).toEqual(['builtin/code-review', 'agent/own', 'agent/short']);
      expect(answer.body.skills[1].files).toEqual([
        { path: 'SKILL.md', size: expect.any(Number), content: skillMd('own', 'Own') },
        { path: 'scripts/run.sh', size: 15, content: '#!/bin/sh\necho\n' },
      ]);
      expect((await readdir(join(userAgents(), 'x/skills'))).sort()).toEqual(['own', 'short']);
    });

    it('replaces the whole folder', async () => {
      await upload({
        name: 'x',
        claude_md: 'One.',
        skills: [{ name: 'old', skill_md: skillMd('old', 'Old') }],
      });
      const answer = await upload({ name: 'x', claude_md: 'Two.' });
      expect(answer.status).toBe(200);
      expect(await readdir(userAgents())).toEqual(['x']);
      expect(await readdir(join(userAgents(), 'x'))).toEqual(['CLAUDE.md']);
    });

    it('of a built-in name overrides the built-in agent until it is deleted', async () => {
      await upload({ name: 'planning', claude_md: 'My planner.' });
      expect((await api().get('/api/agents/planning')).body).toMatchObject({
        source: 'user',
        overrides: 'builtin',
      });
      expect((await api().delete('/api/agents/planning')).status).toBe(204);
      expect((await api().get('/api/agents/planning')).body).toMatchObject({
        source: 'builtin',
        overrides: null,
      });
      expect((await registry()).agents).toEqual({});
    });

    it('ends in one of the two when two come at once, and never in a mixture', async () => {
      const version = (text: string) => ({
        name: 'x',
        claude_md: text,
        skills: [{ name: text, skill_md: skillMd(text, text) }],
      });
      for (let round = 0; round < 5; round++) {
        const answers = await Promise.all(['a', 'b', 'c', 'd'].map((text) => upload(version(text))));
        expect(answers.every(({ status }) => status < 300)).toBe(true);
        const winner = await readFile(join(userAgents(), 'x/CLAUDE.md'), 'utf8');
        expect(await readdir(join(userAgents(), 'x/skills'))).toEqual([winner]);
        const { body } = await api().get('/api/agents/x');
        expect((await registry()).agents.x.digest).toBe(body.digest);
        expect(await readdir(userAgents())).toEqual(['x']);
      }
    });

    it('racing a delete and readers leaves the whole agent or none', async () => {
      const body = { name: 'x', claude_md: 'Whole.', skills: [{ name: 's', skill_md: skillMd('s', 'S') }] };
      await upload(body);
      const reads = Array.from({ length: 10 }, () => api().get('/api/agents/x'));
      const answers = await Promise.all([
        ...reads,
        upload(body),
        api().delete('/api/agents/x'),
        upload(body),
      ]);
      for (const { status, body: agent } of answers.slice(0, reads.length)) {
        expect([200, 404]).toContain(status);
        if (status === 200) expect(agent).toMatchObject({ problem: null, claude_md: 'Whole.' });
      }
    });
  });

  describe('refuses', () => {
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
      '‮x',
      'ｆｏｏ',
      '-rf',
      '--help',
      'Foo',
      '',
    ])('the name %j', async (name) => {
      const answer = await upload({ name, claude_md: 'x' });
      expect(answer.body).toMatchObject({ statusCode: 400, code: 'INVALID_NAME' });
      expect(await readdir(userAgents())).toEqual([]);
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
      expect(await readdir(userAgents())).toEqual([]);
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
      expect(
        (await upload({ name: 'x', claude_md: 'x', skills: [{ name: 's', files: large }] })).status,
      ).toBe(413);
      const many = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`f${i}`, '']));
      expect((await upload({ name: 'x', claude_md: 'x', skills: [{ name: 's', files: many }] })).status).toBe(
        413,
      );
      expect(await readdir(userAgents())).toEqual([]);
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
      await symlink('/tmp', join(userAgents(), 'x'));
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

  it('lists the brain first, then all by name, the damaged ones with their problem', async () => {
    await writeFiles(userAgents(), { 'damaged/CLAUDE.md': '---\nx: 1\n---\ny', 'README.md': 'not an agent' });
    await writeFiles(userAgents(), { 'Upper/CLAUDE.md': 'x' });
    const { status, body } = await api().get('/api/agents').set('x-role', 'viewer');
    expect(status).toBe(200);
    expect(body.next_cursor).toBeNull();
    expect(
      body.items.map(({ name, problem }: { name: string; problem: unknown }) => [name, problem === null]),
    ).toEqual([
      ['brain', true],
      ['Upper', false],
      ['damaged', false],
      ['executor', true],
      ['planning', true],
    ]);
    expect(body.items[4]).toEqual({
      name: 'planning',
      description: 'Plans.',
      source: 'builtin',
      overrides: null,
      skills: ['code-review'],
      model: null,
      permission_mode: 'default',
      problem: null,
    });
  });

  it('explains what a name resolves to, without telling where the folders really are', async () => {
    await writeFiles(join(folders.dataDir, 'config/skills'), {
      'code-review/SKILL.md': skillMd('code-review', 'User'),
    });
    const { body } = await api().get('/api/agents/planning/resolution');
    expect(body).toEqual({
      name: 'planning',
      source: 'builtin',
      overrides: null,
      folder: '/app/agents/planning',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      skills: [{ name: 'code-review', source: 'user', shadows: ['builtin'], problem: null }],
      settings: {
        model: null,
        permission_mode: 'default',
        allowed_tools: ['Read'],
        disallowed_tools: ['Edit'],
        max_turns: null,
        max_cost_usd: null,
      },
      problem: null,
    });
    await upload({ name: 'x', claude_md: 'x' });
    expect((await api().get('/api/agents/x/resolution')).body).toMatchObject({
      folder: '/data/config/agents/x',
    });
    expect((await api().get('/api/agents/brain/resolution')).body).toMatchObject({
      folder: '/app',
      source: 'brain',
    });
    expect((await api().get('/api/agents/nobody/resolution')).status).toBe(404);
  });

  it('lists the shared skills', async () => {
    await writeFiles(join(folders.dataDir, 'config/skills'), { 'mine/SKILL.md': 'no front matter' });
    const { body } = await api().get('/api/skills');
    expect(body.items).toMatchObject([
      { name: 'code-review', source: 'builtin', shadows: [], description: 'Built-in review', problem: null },
      { name: 'mine', source: 'user', description: null, problem: expect.stringContaining('description') },
    ]);
  });

  describe('after a restart', () => {
    const restart = async () => {
      await app.close();
      app = await serve(AgentsModule.for(settingsFor(folders)));
    };

    it('still has the agents', async () => {
      const before = await upload({ name: 'x', claude_md: 'Still here.' });
      await restart();
      expect((await api().get('/api/agents/x')).body).toEqual(before.body);
    });

    it.each(['', '{"version":1,"agents":{"x":7}}', 'null'])(
      'rebuilds an index that reads %j',
      async (content) => {
        const before = await upload({ name: 'x', claude_md: 'x' });
        await writeFile(join(folders.dataDir, 'registry/agents.json'), content);
        await restart();
        expect((await registry()).agents).toEqual({
          x: { digest: before.body.digest, uploaded_at: expect.any(String), uploaded_by: null },
        });
      },
    );

    it('has an agent that a crash left between its two renames', async () => {
      await writeFiles(userAgents(), {
        '.x.0123456789ab.old/CLAUDE.md': 'Old.',
        '.x.ba9876543210.new/CLAUDE.md': 'New, perhaps unfinished.',
      });
      expect((await api().get('/api/agents')).body.items).toHaveLength(3);
      await restart();
      expect((await api().get('/api/agents/x')).body).toMatchObject({ claude_md: 'Old.' });
    });
  });
});
