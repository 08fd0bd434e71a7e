import { promises } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { NestFactory } from '@nestjs/core';

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

const { loadSettings } = await import('../../../config/index.js');
const { AgentsModule, AgentUploads } = await import('../../../libs/agents/src/index.js');
const { FolderChanges } = await import('../../../libs/agents/src/uploads/folder-changes.js');
const { AgentRules } = await import('../../../libs/agents/src/agents/agent-rules.js');
const { readZip } = await import('../../../libs/agents/src/archive/read-zip.js');

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
