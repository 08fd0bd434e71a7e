import { cpSync } from 'node:fs';
import { tempDataDir } from '../../support/index.js';
import { startTestServer } from '../http/test-server.js';

let used: Promise<string> | null = null;

/** A data folder that the service was started on once, has a credential in, and was left cleanly: a copy for each test. */
export async function usedFolder(): Promise<string> {
  used ??= use();
  const copy = await tempDataDir('used');
  cpSync(await used, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

async function use(): Promise<string> {
  const server = await startTestServer();
  await server.call('/api/credentials', {
    method: 'POST',
    key: server.adminKey,
    body: { api_key: 'sk-ant-api03-of-a-used-folder' },
  });
  await server.close();
  return server.dataDir;
}
