import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startServer } from '../../../apps/api/src/bootstrap.js';
import { loadSettings, type Environment } from '../../../config/index.js';
import { freePort, tempDataDir } from '../../support/index.js';
import { startTestServer, type TestServer } from './test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** The sentence a person reads when the server does not start. */
async function failure(env: Environment): Promise<string> {
  const settings = loadSettings({ PORT: '0', LOG_LEVEL: 'silent', DATA_DIR: await tempDataDir(), ...env });
  const started = await startServer(settings, { print: () => undefined }).then(
    async (running) => {
      await running.close();
      return 'it started';
    },
    (error: Error) => `${error.name}: ${error.message}`,
  );
  return started;
}

describe('a server that cannot start says why and what to do', () => {
  it('when the port is taken', async () => {
    expect(await failure({ PORT: String(server.port) })).toMatch(
      /^StartError: Port \d+ is already in use\. .*set PORT/,
    );
  });

  it('when the data folder is a file', async () => {
    const file = join(await tempDataDir(), 'file');
    await writeFile(file, '');
    expect(await failure({ DATA_DIR: file })).toMatch(/^StartError: DATA_DIR must be a folder/);
  });

  it('when the database does not answer', async () => {
    const url = `postgres://user:hunter2@127.0.0.1:${await freePort()}/db`;
    const text = await failure({ DATABASE_URL: url });
    expect(text).toMatch(/^StartError: The database at 127\.0\.0\.1:\d+\/db does not answer/);
    expect(text).not.toContain('hunter2');
  });

  it('when the database file is something else', async () => {
    const dataDir = await tempDataDir();
    await mkdir(join(dataDir, 'db'));
    await writeFile(
      join(dataDir, 'db', 'machine.db'),
      'not a database, but long enough to look at. '.repeat(50),
    );
    expect(await failure({ DATA_DIR: dataDir })).toMatch(
      /^StartError: The file .* is not a usable SQLite database/,
    );
  });

  it('when this machine has no such address', async () => {
    expect(await failure({ HOST: '203.0.113.7', PORT: '18000' })).toMatch(
      /^StartError: This machine has no address/,
    );
  });
});
