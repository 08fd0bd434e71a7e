import { promises } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { NestFactory } from '@nestjs/core';
import type * as Config from '../../../config/index.js';
import type * as Agents from '../../../libs/agents/src/index.js';
import type * as Changes from '../../../libs/agents/src/uploads/folder-changes.js';
import type * as Rules from '../../../libs/agents/src/agents/agent-rules.js';
import type * as Zip from '../../../libs/agents/src/archive/read-zip.js';

/**
 * Changes the agent `x` and kills itself, as with kill -9, before its n-th change of the disk. `what`: the file of a
 * JSON body or of a zip archive, the digest of a version to go back to, or nothing for a deletion. Settings come from
 * the environment.
 */
const [change = '', killedAt = '', what = ''] = process.argv.slice(2);
let isArmed = false;
let step = 0;

function before(): void {
  if (isArmed && ++step === Number(killedAt)) process.kill(process.pid, 'SIGKILL');
}

// Before anything of the service is imported, so that it imports these.
const CHANGING = ['rename', 'rm', 'mkdir', 'unlink', 'link', 'chmod', 'writeFile', 'utimes'] as const;
for (const name of CHANGING) {
  const real = promises[name] as (...args: unknown[]) => Promise<unknown>;
  Object.assign(promises, {
    [name]: (...args: unknown[]) => {
      before();
      return real(...args);
    },
  });
}
const { open } = promises;
const watchedOpen: typeof open = async (path, flags, mode) => {
  if (flags !== 'wx') return open(path, flags, mode);
  before();
  const handle = await open(path, flags, mode);
  const write = handle.writeFile.bind(handle);
  handle.writeFile = async (...args) => {
    before();
    return write(...args);
  };
  return handle;
};
promises.open = watchedOpen;
syncBuiltinESMExports();

const DIST = new URL('../../../dist/', import.meta.url);
const built = <T>(file: string): Promise<T> => import(new URL(file, DIST).href) as Promise<T>;
const { loadSettings } = await built<typeof Config>('config/index.js');
const { AgentsModule, AgentUploads } = await built<typeof Agents>('libs/agents/src/index.js');
const { FolderChanges } = await built<typeof Changes>('libs/agents/src/uploads/folder-changes.js');
const { AgentRules } = await built<typeof Rules>('libs/agents/src/agents/agent-rules.js');
const { readZip } = await built<typeof Zip>('libs/agents/src/archive/read-zip.js');

const app = await NestFactory.createApplicationContext(AgentsModule.for(loadSettings(process.env)), {
  logger: false,
});
const uploads = app.get(AgentUploads);
const author = { caller: { key_id: 'key', name: 'k', role: 'admin', via: 'bearer' }, note: null } as const;
isArmed = true;
if (change === 'json') await uploads.upload(JSON.parse(await readFile(what, 'utf8')), null, author);
else if (change === 'zip') await uploads.upload({ name: 'x' }, await readZip(await readFile(what)), author);
else if (change === 'roll-back') await uploads.restore('x', what, author);
else await app.get(FolderChanges).remove(app.get(AgentRules), 'x', author);
isArmed = false;
process.stdout.write(`steps: ${step}\n`);
await app.close();
