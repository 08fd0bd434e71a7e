/**
 * What one `jest` run owns. Jest calls the global set-up and tear-down of this run in one process, so what was
 * opened is kept here. They are .mjs because Jest cannot load a TypeScript ES module there; our own hooks can.
 */
import '../../scripts/typescript.mjs';

const open = [];

export async function openFolders() {
  if (open.length > 0) return;
  const { openRunFolder } = await import('./temp-folder.ts');
  open.push(openRunFolder());
}

export async function openServers() {
  await openFolders();
  const { startSharedServers } = await import('./shared-servers.ts');
  open.push(await startSharedServers());
}

export async function closeAll() {
  await Promise.all(open.splice(0).map((close) => close()));
}
