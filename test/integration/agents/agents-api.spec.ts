import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { skillMd, writeFiles } from './agents-fixture.js';
import { AgentsServer } from './agents-server.js';

describe('the agents API', () => {
  let server: AgentsServer;
  const api = () => server.api();
  const upload = (body: object, role?: string) => server.upload(body, role);
  const registry = async () => JSON.parse(await readFile(server.registry, 'utf8'));

  beforeEach(async () => {
    server = await AgentsServer.start();
  });

  afterEach(() => server.close());

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
      expect(await readFile(join(server.userAgents, 'my-custom-agent/CLAUDE.md'), 'utf8')).toContain('Help.');
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
      expect((await readdir(join(server.userAgents, 'x/skills'))).sort()).toEqual(['own', 'short']);
    });

    it('replaces the whole folder', async () => {
      await upload({
        name: 'x',
        claude_md: 'One.',
        skills: [{ name: 'old', skill_md: skillMd('old', 'Old') }],
      });
      const answer = await upload({ name: 'x', claude_md: 'Two.' });
      expect(answer.status).toBe(200);
      expect(await readdir(server.userAgents)).toEqual(['x']);
      expect(await readdir(join(server.userAgents, 'x'))).toEqual(['CLAUDE.md']);
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
        const winner = await readFile(join(server.userAgents, 'x/CLAUDE.md'), 'utf8');
        expect(await readdir(join(server.userAgents, 'x/skills'))).toEqual([winner]);
        const { body } = await api().get('/api/agents/x');
        expect((await registry()).agents.x.digest).toBe(body.digest);
        expect(await readdir(server.userAgents)).toEqual(['x']);
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

  it('lists the brain first, then all by name, the damaged ones with their problem', async () => {
    await writeFiles(server.userAgents, {
      'damaged/CLAUDE.md': '---\nx: 1\n---\ny',
      'README.md': 'not an agent',
    });
    await writeFiles(server.userAgents, { 'Upper/CLAUDE.md': 'x' });
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
    await writeFiles(server.userSkills, {
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
        max_attempts: 2,
        reaches_outside: null,
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
      settings: { max_attempts: 2, reaches_outside: null },
    });
    await upload({ name: 'deployer', claude_md: '---\nallowed_tools: [Bash]\nmax_attempts: 3\n---\nx' });
    expect((await api().get('/api/agents/deployer/resolution')).body).toMatchObject({
      settings: { max_attempts: 3, reaches_outside: 'allowed_tools: Bash' },
    });
    expect((await api().get('/api/agents/brain/resolution')).body).toMatchObject({
      settings: { max_attempts: 1, reaches_outside: 'deployer: allowed_tools: Bash' },
    });
    expect((await api().get('/api/agents/nobody/resolution')).status).toBe(404);
  });

  it('lists the shared skills', async () => {
    await writeFiles(server.userSkills, { 'mine/SKILL.md': 'no front matter' });
    const { body } = await api().get('/api/skills');
    expect(body.items).toMatchObject([
      { name: 'code-review', source: 'builtin', shadows: [], description: 'Built-in review', problem: null },
      { name: 'mine', source: 'user', description: null, problem: expect.stringContaining('description') },
    ]);
  });

  describe('after a restart', () => {
    it('still has the agents', async () => {
      const before = await upload({ name: 'x', claude_md: 'Still here.' });
      await server.restart();
      expect((await api().get('/api/agents/x')).body).toEqual(before.body);
    });

    it.each(['', '{"version":1,"agents":{"x":7}}', 'null'])(
      'rebuilds an index that reads %j, with who uploaded what, and says so',
      async (content) => {
        const before = await upload({ name: 'x', claude_md: 'x' });
        await writeFile(server.registry, content);
        await server.restart();
        expect((await registry()).agents).toEqual({
          x: {
            digest: before.body.digest,
            uploaded_at: expect.any(String),
            uploaded_by: 'key-of-operator',
          },
        });
        expect((await api().get('/api/agents')).body.index_rebuilt_at).toEqual(expect.any(String));
        await server.restart();
        expect((await api().get('/api/agents')).body.index_rebuilt_at).toBeNull();
      },
    );

    it('has an agent that a crash left between its two renames', async () => {
      await writeFiles(server.userAgents, {
        '.x.0123456789ab.old/CLAUDE.md': 'Old.',
        '.x.ba9876543210.new/CLAUDE.md': 'New, perhaps unfinished.',
      });
      expect((await api().get('/api/agents')).body.items).toHaveLength(3);
      await server.restart();
      expect((await api().get('/api/agents/x')).body).toMatchObject({ claude_md: 'Old.' });
    });
  });
});
