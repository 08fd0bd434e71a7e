import { createHash } from 'node:crypto';
import { readdir, readFile, stat, utimes } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { joinPath, Paths, type DataPath } from '@app/paths';
import { DataFiles, errorCodeOf, SerialByKey } from '@app/storage';
import { digestFiles } from '../folders/digest-files.js';
import type { FolderFile, FolderFiles } from '../folders/folder-files.js';
import type { Skill } from '../skills/skill.js';

const DAY_MS = 86_400_000;
/** Far longer than a run can last: one that is in use is never removed. */
const KEPT_DAYS = 30;

/**
 * Gives the engine exactly the skills that an agent sees. The engine loads skills by the folder of a plugin, and it
 * would also load what else lies there (`agents/`, `hooks/`, `.mcp.json`); so each set of skills is copied into a
 * folder of its own under /data/cache/plugins, named by its content. A run keeps its version when the agent is
 * replaced, runs with the same skills share a folder, and /app may be read-only.
 */
@Injectable()
export class PluginFolders implements OnModuleInit {
  private readonly serial = new SerialByKey();
  private readonly folder: DataPath;

  constructor(
    paths: Paths,
    private readonly files: DataFiles,
  ) {
    this.folder = joinPath(paths.cache, 'plugins');
  }

  /** Removes what has not been used for a month. */
  async onModuleInit(): Promise<void> {
    await this.files.ensureFolder(this.folder);
    await this.files.recover(this.folder);
    for (const name of await readdir(this.folder)) {
      const folder = joinPath(this.folder, name);
      if (!name.startsWith('.') && (await ageMs(folder)) > KEPT_DAYS * DAY_MS)
        await this.files.removeFolder(folder);
    }
  }

  /** The folder to load; the model sees its skills as `<name>:<skill>`. None when there are no skills. */
  async prepare(name: string, skills: readonly Skill[]): Promise<string[]> {
    if (skills.length === 0) return [];
    const files = pluginFiles(name, skills);
    const key = keyOf(files);
    const folder = joinPath(this.folder, key);
    await this.serial.run(key, async () => {
      // Compared every time: a run has the same user as the service and could have changed what the next one loads.
      if (await holdsExactly(folder, files)) return;
      await this.files.replaceFolder(
        folder,
        [...files].map(([path, { content, executable }]) => ({
          path,
          content,
          mode: executable ? 0o755 : 0o644,
        })),
      );
    });
    return [folder];
  }
}

function pluginFiles(name: string, skills: readonly Skill[]): FolderFiles {
  const manifest = Buffer.from(`${JSON.stringify({ name, version: '1.0.0' })}\n`);
  const files = new Map<string, FolderFile>([
    ['.claude-plugin/plugin.json', { content: manifest, executable: false }],
  ]);
  for (const skill of skills) {
    for (const [path, file] of skill.files) files.set(`skills/${skill.name}/${path}`, file);
  }
  return files;
}

function keyOf(files: FolderFiles): string {
  const executable = [...files].filter(([, file]) => file.executable).map(([path]) => path);
  return createHash('sha256')
    .update(JSON.stringify([digestFiles(files), executable.sort()]))
    .digest('hex')
    .slice(0, 32);
}

/** Notes that it was used. Another process may replace it at any moment. */
async function holdsExactly(folder: string, files: FolderFiles): Promise<boolean> {
  try {
    const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(
      (e) => !e.isDirectory(),
    );
    if (entries.length !== files.size) return false;
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      const expected = files.get(relative(folder, path).split(sep).join('/'));
      if (!entry.isFile() || !expected?.content.equals(await readFile(path))) return false;
    }
    if ((await ageMs(folder)) > DAY_MS) await utimes(folder, new Date(), new Date());
    return true;
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function ageMs(path: string): Promise<number> {
  return Date.now() - (await stat(path)).mtimeMs;
}
