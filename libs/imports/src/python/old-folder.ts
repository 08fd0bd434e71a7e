import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '@app/contracts';

/** What was found in the data folder of the earlier system; a path is null when it is not there. */
export interface OldFolder {
  database: string | null;
  /** Files of Claude's subagents: the name and one Markdown file. */
  agentFiles: { name: string; path: string }[];
  /** Folders with a CLAUDE.md. */
  agentFolders: { name: string; path: string }[];
  /** Folders with a SKILL.md. */
  skills: { name: string; path: string }[];
  webhooks: { provider: 'github' | 'jira'; path: string }[];
}

/** Throws `NOT_FOUND` when there is nothing of the earlier system. */
export async function findOldFolder(folder: string): Promise<OldFolder> {
  const found: OldFolder = {
    database: await firstFile([join(folder, 'machine.db'), join(folder, 'db', 'machine.db')]),
    agentFiles: await filesIn(join(folder, '.claude', 'agents')),
    agentFolders: await foldersWith('CLAUDE.md', [join(folder, 'config', 'agents'), join(folder, 'agents')]),
    skills: await foldersWith('SKILL.md', [
      join(folder, '.claude', 'skills'),
      join(folder, 'config', 'skills'),
      join(folder, 'skills'),
    ]),
    webhooks: [],
  };
  for (const provider of ['github', 'jira'] as const) {
    const path = await firstFile(
      [join(folder, 'config', 'webhooks'), join(folder, 'webhooks'), folder].map((place) =>
        join(place, `${provider}.json`),
      ),
    );
    if (path !== null) found.webhooks.push({ provider, path });
  }
  const { database, ...lists } = found;
  if (database === null && Object.values(lists).every((list) => list.length === 0)) {
    throw new AppError(
      'NOT_FOUND',
      `${folder} holds nothing of the earlier system: no machine.db or db/machine.db, no agents, skills or webhooks. Name its data folder.`,
    );
  }
  return found;
}

async function firstFile(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) if ((await kindOf(path)) === 'file') return path;
  return null;
}

async function filesIn(folder: string): Promise<{ name: string; path: string }[]> {
  return (await namesIn(folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => ({ name: basename(name, '.md'), path: join(folder, name) }));
}

async function foldersWith(
  mark: string,
  parents: readonly string[],
): Promise<{ name: string; path: string }[]> {
  const found: { name: string; path: string }[] = [];
  for (const parent of parents)
    for (const name of await namesIn(parent))
      if ((await kindOf(join(parent, name, mark))) === 'file') found.push({ name, path: join(parent, name) });
  return found;
}

async function namesIn(folder: string): Promise<string[]> {
  return (await kindOf(folder)) === 'folder' ? (await readdir(folder)).sort() : [];
}

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile()) return 'file';
  return found?.isDirectory() ? 'folder' : null;
}
