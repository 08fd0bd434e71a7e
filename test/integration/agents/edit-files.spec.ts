import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { skillMd, writeFiles } from './agents-fixture.js';
import { AgentsServer } from './agents-server.js';

describe('a single file of an agent', () => {
  let server: AgentsServer;
  const api = () => server.api();
  const at = (path: string, name = 'x') => `/api/agents/${name}/files/${path}`;
  const folder = (...parts: string[]) => join(server.userAgents, 'x', ...parts);

  beforeEach(async () => {
    server = await AgentsServer.start();
    await server.upload({
      name: 'x',
      claude_md: 'Work.',
      skills: [{ name: 's', skill_md: skillMd('s', 'S') }],
    });
  });

  afterEach(() => server.close());

  it('is listed, read, written and deleted', async () => {
    expect((await api().get('/api/agents/x/files')).body.items).toEqual([
      { path: 'CLAUDE.md', size: 5, executable: false },
      { path: 'skills/s/SKILL.md', size: expect.any(Number), executable: false },
    ]);
    const script = await api()
      .put(at('skills/s/scripts/run.sh'))
      .send({ text: '#!/bin/sh\n', note: 'a script' });
    expect(script.status).toBe(201);
    expect(script.body).toEqual({
      path: 'skills/s/scripts/run.sh',
      size: 10,
      executable: true,
      text: '#!/bin/sh\n',
      base64: null,
    });
    expect((await stat(folder('skills/s/scripts/run.sh'))).mode & 0o777).toBe(0o755);
    const again = await api().put(at('skills/s/scripts/run.sh')).send({ text: 'no shebang' });
    expect([again.status, again.body.executable]).toEqual([200, true]);
    const binary = await api().put(at('pixel.bin')).send({ base64: '/wA=' });
    expect(binary.body).toMatchObject({ size: 2, text: null, base64: '/wA=' });
    expect((await api().delete(at('pixel.bin'))).status).toBe(204);
    expect((await api().get(at('pixel.bin'))).body).toMatchObject({
      statusCode: 404,
      code: 'FILE_NOT_FOUND',
    });
    expect((await api().delete(at('pixel.bin'))).body).toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('leaves what a person keeps beside it, such as a Git repository', async () => {
    await writeFiles(server.userAgents, { 'x/.git/HEAD': 'ref: refs/heads/main' });
    await api().put(at('CLAUDE.md')).send({ text: 'Changed.' });
    expect(await readFile(folder('.git/HEAD'), 'utf8')).toContain('main');
    expect(await readFile(folder('CLAUDE.md'), 'utf8')).toBe('Changed.');
  });

  it('is refused when the agent would no longer be one', async () => {
    for (const [path, text, code] of [
      ['CLAUDE.md', '---\ncolour: red\n---\nx', 'INVALID_AGENT'],
      ['CLAUDE.md', '---\nhooks: {}\n---\nx', 'FORBIDDEN_AGENT_SETTING'],
      ['skills/s/SKILL.md', 'no description', 'INVALID_AGENT'],
    ] as const) {
      expect((await api().put(at(path)).send({ text })).body).toMatchObject({ statusCode: 400, code });
    }
    expect((await api().delete(at('CLAUDE.md'))).body).toMatchObject({ code: 'INVALID_AGENT' });
    expect(await readFile(folder('CLAUDE.md'), 'utf8')).toBe('Work.');
  });

  it('can mend a damaged agent step by step', async () => {
    await writeFile(folder('CLAUDE.md'), '---\ncolour: red\n---\nx');
    await writeFile(folder('skills/s/SKILL.md'), 'no description');
    expect((await api().put(at('CLAUDE.md')).send({ text: 'Fine.' })).status).toBe(200);
    expect(
      (
        await api()
          .put(at('skills/s/SKILL.md'))
          .send({ text: skillMd('s', 'S') })
      ).status,
    ).toBe(200);
    expect((await api().get('/api/agents/x')).body.problem).toBeNull();
  });

  it.each([
    ['..%2f..%2fother', 'INVALID_NAME'],
    ['skills/..%2f..%2f..%2fx', 'INVALID_NAME'],
    ['a%5cb', 'INVALID_NAME'],
    ['a%00b', 'INVALID_NAME'],
    ['%2fetc%2fpasswd', 'INVALID_NAME'],
    ['a%20b', 'INVALID_NAME'],
    ['.env', 'FORBIDDEN_AGENT_SETTING'],
    ['.claude/settings.json', 'FORBIDDEN_AGENT_SETTING'],
    ['skills/s/.mcp.json', 'FORBIDDEN_AGENT_SETTING'],
  ])('is not written as %s', async (path, code) => {
    expect((await api().put(at(path)).send({ text: 'x' })).body).toMatchObject({ statusCode: 400, code });
  });

  it('is not written through a planted link', async () => {
    await mkdir(join(server.folders.dataDir, 'credentials'), { recursive: true });
    await symlink(join(server.folders.dataDir, 'credentials'), folder('docs'));
    await symlink('/etc/hostname', folder('link.md'));
    await mkdir(folder('taken'));
    for (const path of ['docs/x.md', 'link.md', 'taken']) {
      expect((await api().put(at(path)).send({ text: 'x' })).body).toMatchObject({
        statusCode: 409,
        code: 'UNSAFE_PATH',
      });
    }
    expect(await readdir(join(server.folders.dataDir, 'credentials'))).not.toContain('x.md');
  });

  it('that differs from another in case only is refused', async () => {
    expect((await api().put(at('claude.md')).send({ text: 'x' })).body).toMatchObject({
      code: 'INVALID_AGENT',
    });
  });

  it('of what is built in is read and not written, until it is copied', async () => {
    expect((await api().get(at('CLAUDE.md', 'planning'))).status).toBe(200);
    expect((await api().put(at('CLAUDE.md', 'planning')).send({ text: 'x' })).body).toMatchObject({
      statusCode: 409,
      code: 'BUILT_IN_READ_ONLY',
    });
    const copy = await api().post('/api/agents/planning/copy').send({});
    expect([copy.status, copy.headers.location]).toEqual([201, '/api/agents/planning']);
    expect(copy.body).toMatchObject({ source: 'user', overrides: 'builtin' });
    expect((await api().put(at('CLAUDE.md', 'planning')).send({ text: 'Mine.' })).status).toBe(200);
    expect((await api().post('/api/agents/planning/copy').send({})).body).toMatchObject({
      code: 'NAME_CONFLICT',
    });
    const brain = await api().post('/api/agents/brain/copy').send({ name: 'my-brain' });
    expect(brain.body).toMatchObject({ name: 'my-brain', source: 'user', problem: null });
    expect((await api().post('/api/agents/brain/copy').send({})).body).toMatchObject({
      code: 'NAME_CONFLICT',
    });
    expect((await api().post('/api/agents/nobody/copy').send({ name: 'y' })).body).toMatchObject({
      code: 'AGENT_NOT_FOUND',
    });
  });

  it('needs a role, a known agent and exactly one content', async () => {
    expect((await api().put(at('a.md')).set('x-role', 'viewer').send({ text: 'x' })).status).toBe(403);
    expect((await api().delete(at('a.md')).set('x-role', 'viewer')).status).toBe(403);
    expect((await api().put(at('a.md', 'nobody')).send({ text: 'x' })).body).toMatchObject({
      code: 'AGENT_NOT_FOUND',
    });
    for (const body of [
      {},
      { text: 'x', base64: 'eA==' },
      { base64: '!' },
      { text: 1 },
      { text: 'x', mode: 7 },
    ]) {
      expect((await api().put(at('a.md')).send(body)).body).toMatchObject({
        statusCode: 400,
        code: 'VALIDATION_FAILED',
      });
    }
  });
});

describe('a shared skill', () => {
  let server: AgentsServer;
  const api = () => server.api();

  beforeEach(async () => {
    server = await AgentsServer.start();
  });

  afterEach(() => server.close());

  it('is uploaded with its files, seen by agents, edited and deleted', async () => {
    const files = {
      'SKILL.md': skillMd('code-review', 'Mine'),
      'scripts/a.sh': '#!/bin/sh\n',
      'p.bin': { base64: '/w==' },
    };
    const stored = await api().post('/api/skills/upload').send({ name: 'code-review', files });
    expect(stored.status).toBe(201);
    expect(stored.body).toMatchObject({ source: 'user', shadows: ['builtin'], description: 'Mine' });
    expect((await stat(join(server.userSkills, 'code-review/scripts/a.sh'))).mode & 0o777).toBe(0o755);
    expect((await api().get('/api/agents/planning/resolution')).body.skills).toEqual([
      { name: 'code-review', source: 'user', shadows: ['builtin'], problem: null },
    ]);
    const edited = await api()
      .put('/api/skills/code-review/files/references/more.md')
      .send({ text: 'More.' });
    expect(edited.status).toBe(201);
    expect((await api().get('/api/skills/code-review/files')).body.items).toHaveLength(4);
    expect((await api().delete('/api/skills/code-review')).status).toBe(204);
    expect((await api().get('/api/skills/code-review')).body).toMatchObject({ source: 'builtin' });
  });

  it('is refused when it is none, and when it is built in', async () => {
    const upload = async (body: object) => (await api().post('/api/skills/upload').send(body)).body.code;
    expect(await upload({ name: 's', skill_md: 'no front matter' })).toBe('INVALID_SKILL');
    expect(await upload({ name: 's', files: { 'a.md': 'x' } })).toBe('INVALID_SKILL');
    expect(await upload({ name: '../s', skill_md: skillMd('s', 'S') })).toBe('INVALID_NAME');
    expect(await upload({ name: 's', skill_md: '---\ndescription: x\nhooks: {}\n---\n' })).toBe(
      'FORBIDDEN_AGENT_SETTING',
    );
    expect(await upload({ name: 's' })).toBe('VALIDATION_FAILED');
    expect((await api().delete('/api/skills/code-review')).body).toMatchObject({
      code: 'BUILT_IN_READ_ONLY',
    });
    expect((await api().get('/api/skills/nothing')).body).toMatchObject({ code: 'SKILL_NOT_FOUND' });
    expect((await api().delete('/api/skills/nothing')).body).toMatchObject({ code: 'SKILL_NOT_FOUND' });
  });

  it('of a name that differs in case only from another is a conflict, and so is an agent', async () => {
    await writeFiles(server.userSkills, { 'Foo/SKILL.md': skillMd('foo', 'By hand') });
    await writeFiles(server.userAgents, { 'Foo/CLAUDE.md': 'By hand' });
    await server.upload({ name: 'bar', claude_md: 'x' });
    expect(
      (
        await api()
          .post('/api/skills/upload')
          .send({ name: 'foo', skill_md: skillMd('foo', 'x') })
      ).body,
    ).toMatchObject({
      statusCode: 409,
      code: 'NAME_CONFLICT',
    });
    expect((await server.upload({ name: 'foo', claude_md: 'x' })).body).toMatchObject({
      code: 'NAME_CONFLICT',
    });
    expect((await server.upload({ name: 'Bar', claude_md: 'x' })).body).toMatchObject({
      code: 'NAME_CONFLICT',
    });
    expect((await server.upload({ name: 'Baz', claude_md: 'x' })).body).toMatchObject({
      code: 'INVALID_NAME',
    });
  });
});
