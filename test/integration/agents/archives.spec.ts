import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { zipOf, type ZipEntry } from '../../support/hostile-zip.js';
import { skillMd } from './agents-fixture.js';
import { AgentsServer } from './agents-server.js';

const AGENT: ZipEntry[] = [
  { name: 'CLAUDE.md', content: '---\ndescription: Zipped.\n---\nWork.\n@docs/rules.md\n' },
  { name: 'docs/rules.md', content: 'Be kind.' },
  { name: 'skills/own/SKILL.md', content: skillMd('own', 'Own') },
  { name: 'skills/own/scripts/run.sh', content: '#!/bin/sh\n', mode: 0o104777 },
];

describe('an agent in a zip archive', () => {
  let server: AgentsServer;
  const send = (archive: Buffer, fields: Record<string, string> = {}, role = 'operator') => {
    const request = server.api().post('/api/agents/upload').set('x-role', role);
    for (const [name, value] of Object.entries(fields)) void request.field(name, value);
    return request.attach('archive', archive, 'agent.zip');
  };

  beforeEach(async () => {
    server = await AgentsServer.start();
  });

  afterEach(() => server.close());

  it('is stored with all its files, and its permissions are ours', async () => {
    const answer = await send(zipOf(AGENT), { name: 'zipped', note: 'from a zip' });
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe('/api/agents/zipped');
    expect(answer.body).toMatchObject({ name: 'zipped', description: 'Zipped.', problem: null });
    const folder = join(server.userAgents, 'zipped');
    expect(await readFile(join(folder, 'docs/rules.md'), 'utf8')).toBe('Be kind.');
    expect((await stat(join(folder, 'skills/own/scripts/run.sh'))).mode & 0o7777).toBe(0o755);
    expect((await stat(join(folder, 'CLAUDE.md'))).mode & 0o7777).toBe(0o644);
  });

  it('may lie in a folder, which then gives it its name', async () => {
    const inFolder = AGENT.map((entry) => ({ ...entry, name: `packed/${String(entry.name)}` }));
    const junk = [
      { name: '__MACOSX/packed/._CLAUDE.md', content: 'x' },
      { name: 'packed/.DS_Store', content: 'x' },
    ];
    expect((await send(zipOf([...inFolder, ...junk]))).body).toMatchObject({ name: 'packed' });
    expect((await readdir(join(server.userAgents, 'packed'))).sort()).toEqual([
      'CLAUDE.md',
      'docs',
      'skills',
    ]);
  });

  it('is exported as an archive that makes the same agent elsewhere, the same bytes each time', async () => {
    const { body } = await send(zipOf(AGENT), { name: 'zipped' });
    const download = () =>
      server
        .api()
        .get('/api/agents/zipped/export')
        .buffer(true)
        .parse((response, done) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => done(null, Buffer.concat(chunks)));
        });
    const exported = await download();
    expect(exported.headers['content-type']).toBe('application/zip');
    expect(exported.headers['content-disposition']).toBe('attachment; filename="zipped.zip"');
    expect(((await download()).body as Buffer).equals(exported.body)).toBe(true);
    await server.api().delete('/api/agents/zipped');
    const again = await send(exported.body);
    expect(again.body).toMatchObject({ name: 'zipped', digest: body.digest });
    expect((await stat(join(server.userAgents, 'zipped/skills/own/scripts/run.sh'))).mode & 0o777).toBe(
      0o755,
    );
  });

  it.each<[string, ZipEntry[], number, string]>([
    ['a path that leaves the folder', [{ name: '../../x' }], 400, 'ARCHIVE_UNSAFE_PATH'],
    ['an absolute path', [{ name: '/tmp/x' }], 400, 'ARCHIVE_UNSAFE_PATH'],
    ['a drive letter', [{ name: 'C:\\x' }], 400, 'ARCHIVE_UNSAFE_PATH'],
    ['a backslash', [{ name: 'a\\b' }], 400, 'ARCHIVE_UNSAFE_PATH'],
    ['a link', [{ name: 'a', mode: 0o120777, content: '/etc' }], 400, 'ARCHIVE_LINK'],
    ['a fifo', [{ name: 'a', mode: 0o010644 }], 400, 'ARCHIVE_LINK'],
    ['a bomb', [{ name: 'a', content: Buffer.alloc(32 * 1024 * 1024) }], 413, 'ARCHIVE_TOO_LARGE'],
    ['a size that is a lie', [{ name: 'a', content: 'abc', size: 2 }], 400, 'ARCHIVE_INVALID'],
    ['names that differ in case', [{ name: 'a.md' }, { name: 'A.md' }], 400, 'ARCHIVE_INVALID'],
    ['settings', [{ name: '.claude/settings.json', content: '{}' }], 400, 'FORBIDDEN_AGENT_SETTING'],
    ['servers', [{ name: '.mcp.json', content: '{}' }], 400, 'FORBIDDEN_AGENT_SETTING'],
    ['hooks', [{ name: 'hooks/hooks.json', content: '{}' }], 400, 'FORBIDDEN_AGENT_SETTING'],
    ['a name that is odd', [{ name: 'a b.md' }], 400, 'INVALID_NAME'],
    ['a skill without SKILL.md', [{ name: 'skills/x/a.md' }], 400, 'INVALID_AGENT'],
  ])('is refused with %s, and nothing is written', async (_what, entries, status, code) => {
    const answer = await send(zipOf([...AGENT, ...entries]), { name: 'x' });
    expect(answer.body).toMatchObject({ statusCode: status, code });
    expect(await readdir(server.userAgents)).toEqual([]);
  });

  it('is refused when it is cut off, empty, or without CLAUDE.md', async () => {
    const archive = zipOf(AGENT);
    for (const [bytes, code] of [
      [archive.subarray(0, 200), 'ARCHIVE_INVALID'],
      [Buffer.alloc(0), 'ARCHIVE_INVALID'],
      [zipOf([]), 'INVALID_AGENT'],
      [Buffer.alloc(18 * 1024 * 1024), 'ARCHIVE_TOO_LARGE'],
    ] as const) {
      expect((await send(bytes, { name: 'x' })).body).toMatchObject({ code });
    }
    expect((await send(archive)).body).toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('has no fields beside it but name and note', async () => {
    const extra: Record<string, string>[] = [{ claude_md: 'x' }, { skills: 'x' }, { role: 'admin' }];
    for (const fields of extra) {
      const answer = await send(zipOf(AGENT), { name: 'x', ...fields });
      expect(answer.body).toMatchObject({ statusCode: 400, code: 'VALIDATION_FAILED' });
    }
  });

  it.each([
    { archive: { filepath: '/etc/passwd', originalFilename: 'a.zip' } },
    { files: [{ filepath: '/etc/passwd' }] },
    { file: 'x' },
  ])('is not described in JSON: %j is an unsupported media type', async (body) => {
    const answer = await server.upload({ name: 'x', claude_md: 'x', ...body });
    expect(answer.body).toMatchObject({ statusCode: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  it.each([
    ['without a boundary', 'multipart/form-data', 'x'],
    [
      'that ends too early',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="a',
    ],
    ['with broken headers', 'multipart/form-data; boundary=b', '--b\r\nnonsense\r\n\r\nx\r\n--b--\r\n'],
    [
      'with another file field',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="other"; filename="a.zip"\r\n\r\nx\r\n--b--\r\n',
    ],
    [
      'with a field that would be a prototype',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="__proto__[x]"\r\n\r\ny\r\n--b--\r\n',
    ],
  ])('is refused in a form %s', async (_what, type, body) => {
    const answer = await server.api().post('/api/agents/upload').set('Content-Type', type).send(body);
    expect(answer.body).toMatchObject({ statusCode: 400, code: 'VALIDATION_FAILED' });
    expect({}).not.toHaveProperty('x');
  });

  it('is not stored for a viewer', async () => {
    expect((await send(zipOf(AGENT), { name: 'x' }, 'viewer')).status).toBe(403);
  });
});
