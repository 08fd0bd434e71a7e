import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer } from '../http/test-server.js';

let server: TestServer | undefined;
afterEach(() => server?.close());

async function start(env: Record<string, string> = {}): Promise<TestServer> {
  await server?.close();
  server = await startTestServer(env);
  return server;
}

describe('the first start', () => {
  it('makes an admin key, keeps it for the owner of the volume, and shows it once as a link', async () => {
    const first = await start();
    const file = join(first.dataDir, 'credentials', 'admin.key');
    expect(first.adminKey).toMatch(/^cca_[\w-]{43}$/);
    expect((await readFile(file, 'utf8')).trim()).toBe(first.adminKey);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(first.printed.join('\n')).toContain(`http://localhost:${first.port}/#key=${first.adminKey}`);
    expect((await first.call('/api/me', { key: first.adminKey })).body).toMatchObject({
      role: 'admin',
      via: 'bearer',
    });

    const second = await start({ DATA_DIR: first.dataDir });
    expect(second.running.firstKey).toBeNull();
    expect(second.printed.join('\n')).not.toContain('#key=');
    expect((await second.call('/api/me', { key: first.adminKey })).status).toBe(200);
  });

  it('adopts the key of the volume when the database is new', async () => {
    const first = await start();
    await first.close();
    await rm(join(first.dataDir, 'db'), { recursive: true });
    const second = await start({ DATA_DIR: first.dataDir });
    expect(second.running.firstKey).toBe(first.adminKey);
    expect((await second.call('/api/me', { key: first.adminKey })).body).toMatchObject({ role: 'admin' });
  });

  it('shows the link with PUBLIC_URL when that is where people reach it', async () => {
    const { printed, adminKey } = await start({ PUBLIC_URL: 'https://agents.example.com' });
    expect(printed.join('\n')).toContain(`https://agents.example.com/#key=${adminKey}`);
  });

  it('keeps nothing in the database from which a key could be had back', async () => {
    const { dataDir, adminKey, close } = await start();
    await close();
    server = undefined;
    const stored = await readFile(join(dataDir, 'db', 'machine.db'));
    expect(stored.includes(adminKey)).toBe(false);
  });
});
