import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { skillMd, startAgents, writeFiles } from './agents-fixture.js';
import { AgentCatalog } from '@app/agents';
import { AgentsServer } from './agents-server.js';

interface Version {
  digest: string | null;
  change: string;
  by: string | null;
  note: string | null;
}

describe('versions of an agent', () => {
  let server: AgentsServer;
  const api = () => server.api();
  const upload = (claudeMd: string, note?: string) =>
    server.upload({ name: 'x', claude_md: claudeMd, ...(note ? { note } : {}) });
  const versions = async (name = 'x'): Promise<{ current: string | null; items: Version[] }> =>
    (await api().get(`/api/agents/${name}/versions`)).body;
  const changes = async (name = 'x') => (await versions(name)).items.map(({ change }) => change);
  const folder = (...parts: string[]) => join(server.userAgents, 'x', ...parts);
  const kept = () => join(server.folders.dataDir, 'registry/versions/agents/x');

  beforeEach(async () => {
    server = await AgentsServer.start();
  });

  afterEach(() => server.close());

  it('come from uploads, with who, when and why; the same content again is none', async () => {
    const first = await upload('One.', 'the beginning');
    await upload('One.');
    const second = await upload('Two.');
    expect(await versions()).toEqual({
      current: second.body.digest,
      next_cursor: null,
      items: [
        {
          digest: second.body.digest,
          change: 'uploaded',
          origin: 'user',
          at: expect.stringMatching(/Z$/),
          by: 'key-of-operator',
          note: null,
          files: 1,
          bytes: 4,
        },
        expect.objectContaining({ digest: first.body.digest, note: 'the beginning' }),
      ],
    });
  });

  it('can be read and compared, also by the beginning of their digest', async () => {
    const { digest: one } = (await upload('Same.\nOne.\n')).body;
    await server.api().put('/api/agents/x/files/docs/a.md').send({ text: 'A\n' });
    await server.api().put('/api/agents/x/files/pixel.bin').send({ base64: '/wA=' });
    const { digest: two } = (await server.api().put('/api/agents/x').send({ claude_md: 'Same.\nTwo.\n' }))
      .body;
    const shown = await api().get(`/api/agents/x/versions/${one}`);
    expect(shown.body).toMatchObject({
      version: { digest: one },
      items: [{ path: 'CLAUDE.md', text: 'Same.\nOne.\n', executable: false }],
    });
    const diff = await api().get(`/api/agents/x/versions/${one.slice(0, 8)}/diff/${two.slice(0, 12)}`);
    expect(diff.body).toEqual({
      from: one,
      to: two,
      items: [
        {
          path: 'CLAUDE.md',
          change: 'changed',
          patch: '--- a/CLAUDE.md\n+++ b/CLAUDE.md\n@@ -1,2 +1,2 @@\n Same.\n-One.\n+Two.\n',
        },
      ],
    });
    const [, third] = (await versions()).items;
    const back = await api().get(`/api/agents/x/versions/${third?.digest}/diff/${one}`);
    expect(back.body.items).toEqual([
      { path: 'docs/a.md', change: 'removed', patch: expect.stringContaining('+++ /dev/null') },
      { path: 'pixel.bin', change: 'removed', patch: null },
    ]);
  });

  it('are not found by nonsense', async () => {
    await upload('One.');
    for (const digest of ['abc', 'f'.repeat(64), 'zzzzzzzz', '..%2f..%2fagents.json']) {
      const answer = await api().get(`/api/agents/x/versions/${digest}`);
      expect(answer.body).toMatchObject({ statusCode: 404, code: 'VERSION_NOT_FOUND' });
    }
    expect((await api().get('/api/agents/nobody/versions')).body).toMatchObject({ code: 'AGENT_NOT_FOUND' });
    expect((await api().get('/api/agents/..%2fx/versions')).body).toMatchObject({ code: 'INVALID_NAME' });
  });

  it('can be restored, which is a new step, also after the agent was deleted', async () => {
    const { digest } = (await upload('One.')).body;
    await upload('Two.');
    const restored = await api()
      .post(`/api/agents/x/versions/${digest}/restore`)
      .send({ note: 'Two was bad' });
    expect(restored.status).toBe(200);
    expect(restored.body).toMatchObject({
      current: digest,
      items: [{ change: 'restored', digest, note: 'Two was bad' }, {}, {}],
    });
    expect(await readFile(folder('CLAUDE.md'), 'utf8')).toBe('One.');
    await api().delete('/api/agents/x?note=not%20needed');
    const { current, items } = await versions();
    expect(current).toBeNull();
    expect(items[0]).toMatchObject({ change: 'deleted', note: 'not needed' });
    await api().post(`/api/agents/x/versions/${digest}/restore`).send({});
    expect((await api().get('/api/agents/x')).body).toMatchObject({ digest, claude_md: 'One.' });
  });

  it('that need an admin are not restored by anybody else', async () => {
    const bypass = { name: 'x', claude_md: '---\npermission_mode: bypassPermissions\n---\nx' };
    const { digest } = (await server.upload(bypass, 'admin')).body;
    await upload('Tame.');
    const restore = (role: string) =>
      api().post(`/api/agents/x/versions/${digest}/restore`).set('x-role', role).send({});
    expect((await restore('operator')).body).toMatchObject({ code: 'FORBIDDEN_AGENT_SETTING' });
    expect((await restore('viewer')).status).toBe(403);
    expect((await restore('admin')).status).toBe(200);
  });

  it('are made of what was changed by hand, when somebody looks, at the start, and before the next change', async () => {
    await upload('One.');
    await writeFile(folder('CLAUDE.md'), 'By hand.');
    expect((await versions()).items[0]).toMatchObject({ change: 'found', by: null });
    await writeFile(folder('CLAUDE.md'), 'By hand again.');
    await upload('Three.');
    expect(await changes()).toEqual(['uploaded', 'found', 'found', 'uploaded']);
    await rm(folder(), { recursive: true });
    await server.restart();
    expect(await changes()).toEqual(['deleted', 'uploaded', 'found', 'found', 'uploaded']);
    await writeFiles(server.userAgents, { 'handmade/CLAUDE.md': 'Mine.' });
    await server.restart();
    expect(await changes('handmade')).toEqual(['found']);
  });

  it('do not see what a crash left half-written inside of the folder, and the next start removes it', async () => {
    const { digest } = (await upload('One.')).body;
    const leftover = folder('.CLAUDE.md.0123456789ab.tmp');
    await writeFile(leftover, 'half');
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(leftover, longAgo, longAgo);
    expect((await versions()).current).toBe(digest);
    await server.restart();
    expect(await readdir(folder())).toEqual(['CLAUDE.md']);
  });

  it('are there for every digest that a run began with, the built-in agents and the brain among them', async () => {
    await upload('One.');
    await writeFile(folder('CLAUDE.md'), 'By hand, before a run.');
    const module = await startAgents(server.folders);
    try {
      for (const name of ['x', 'planning', null]) {
        const { digest } = await module.get(AgentCatalog).loadAgent(name);
        const found = await api().get(`/api/agents/${name ?? 'brain'}/versions/${digest}`);
        expect(found.body).toMatchObject({ version: { digest, origin: name === 'x' ? 'user' : 'program' } });
      }
    } finally {
      await module.close();
    }
  });

  it('of a built-in agent and of the one that overrides it stand in one history', async () => {
    await server.upload({ name: 'planning', claude_md: 'Mine.' });
    await api().delete('/api/agents/planning');
    const history = await versions('planning');
    expect(history.items.map(({ change }) => change)).toEqual(['deleted', 'uploaded', 'built_in']);
    expect(history.current).toBe((await api().get('/api/agents/planning')).body.digest);
  });

  it('are at most 50, beside those that runs used in the last 90 days', async () => {
    const { digest: used } = (await upload('Used by a run.')).body;
    const { digest: unused } = (await upload('Never used.')).body;
    await writeFile(join(kept(), `${used}.used`), '');
    for (let i = 0; i < 51; i++) await upload(`Version ${i}.`);
    const { items } = await versions();
    const digests = items.map(({ digest }) => digest);
    expect(digests).toHaveLength(51);
    expect(digests).toContain(used);
    expect(digests).not.toContain(unused);
    expect((await readdir(kept())).filter((file) => file.endsWith('.zip'))).toHaveLength(51);
    const longAgo = new Date(Date.now() - 91 * 86_400_000);
    await utimes(join(kept(), `${used}.used`), longAgo, longAgo);
    await upload('One more.');
    expect((await versions()).items.map(({ digest }) => digest)).not.toContain(used);
    expect((await readdir(kept())).filter((file) => file.endsWith('.used'))).toEqual([]);
    // More than fifty uploads, each of them synced to the disk.
  }, 60_000);

  it('say so when their files are damaged, and the agent itself goes on', async () => {
    const { digest } = (await upload('One.')).body;
    await upload('Two.');
    await writeFile(join(kept(), `${digest}.zip`), 'rubbish');
    expect((await api().get(`/api/agents/x/versions/${digest}`)).body).toMatchObject({
      statusCode: 500,
      code: 'VERSION_DAMAGED',
    });
    expect((await api().get('/api/agents/x')).body).toMatchObject({ claude_md: 'Two.', problem: null });
    await upload('One.');
    expect((await api().get(`/api/agents/x/versions/${digest}`)).status).toBe(200);
  });

  it('are kept of shared skills in the same way', async () => {
    const body = (text: string) => ({ name: 's', skill_md: skillMd('s', text) });
    const put = (text: string) => api().post('/api/skills/upload').send(body(text));
    expect((await put('One')).status).toBe(201);
    expect((await put('Two')).status).toBe(200);
    const { items } = (await api().get('/api/skills/s/versions')).body;
    expect(items).toMatchObject([{ change: 'uploaded' }, { change: 'uploaded' }]);
    const [two, one] = items;
    const diff = await api().get(`/api/skills/s/versions/${one.digest}/diff/${two.digest}`);
    expect(diff.body.items[0].patch).toContain('+description: Two');
    await api().post(`/api/skills/s/versions/${one.digest}/restore`).send({});
    expect((await api().get('/api/skills/s')).body).toMatchObject({ description: 'One', source: 'user' });
  });
});
