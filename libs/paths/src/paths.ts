import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { joinPath, type AppPath, type DataPath } from './zones.js';

/** The split of the founding document: `/app` comes with the program, `/data` is what users made. */
export class Paths {
  readonly app: AppPath;
  readonly data: DataPath;

  constructor(roots: { appDir: string | null; dataDir: string }) {
    this.app = resolve(roots.appDir ?? programFolder()) as AppPath;
    this.data = resolve(roots.dataDir) as DataPath;
  }

  get brain(): AppPath {
    return this.app;
  }
  get builtinAgents(): AppPath {
    return joinPath(this.app, 'agents');
  }
  get builtinSkills(): AppPath {
    return joinPath(this.app, 'skills');
  }

  get database(): DataPath {
    return joinPath(this.data, 'db', 'machine.db');
  }
  get credentials(): DataPath {
    return joinPath(this.data, 'credentials');
  }
  get userAgents(): DataPath {
    return joinPath(this.data, 'config', 'agents');
  }
  get userSkills(): DataPath {
    return joinPath(this.data, 'config', 'skills');
  }
  get webhooks(): DataPath {
    return joinPath(this.data, 'config', 'webhooks');
  }
  get registry(): DataPath {
    return joinPath(this.data, 'registry');
  }
  /** Claude Code's config folder: its transcripts are what a session is resumed from. */
  get claudeConfig(): DataPath {
    return joinPath(this.data, 'claude');
  }
  get workspaces(): DataPath {
    return joinPath(this.data, 'workspaces');
  }
  get backups(): DataPath {
    return joinPath(this.data, 'backups');
  }
  /** Made anew when it is missing, and in no backup. */
  get cache(): DataPath {
    return joinPath(this.data, 'cache');
  }
  /** Held by every process that works on the data, and alone by a restore. */
  get lock(): DataPath {
    return joinPath(this.data, '.lock');
  }
  /** What a restore puts together before it takes the place of what is there. */
  get restoring(): DataPath {
    return joinPath(this.data, '.restore');
  }
}

/** The nearest folder above this file that has both `agents` and `package.json`: the checkout, or `/app`. */
function programFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'agents')) || !existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error('the folder of the program was not found; set APP_DIR');
    folder = above;
  }
  return folder;
}
