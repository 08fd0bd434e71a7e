import { Injectable } from '@nestjs/common';
import { AppError } from '@app/contracts';
import { joinPath, Paths, type AppPath, type DataPath } from '@app/paths';
import { assertSafeName, DataFiles, isFolder, isSafeName } from '@app/storage';
import { BRAIN, type AgentSource } from './agent.js';
import type { FolderContent } from '../folders/folder-files.js';
import { namesIn } from '../folders/names-in.js';
import { readFolder } from '../folders/read-folder.js';

/** The folder that an agent's name stands for. */
export interface AgentPlace {
  name: string;
  source: AgentSource;
  folder: AppPath | DataPath;
  /** As the documentation writes it (`/data/config/agents/x`), wherever DATA_DIR and APP_DIR are. */
  shownFolder: string;
  /** What the name would stand for without the user's agent. */
  overrides: 'builtin' | null;
  /** Why the folder cannot even be read. */
  problem: string | null;
}

/** Which folder a name means: the user's agent, else the built-in one; the brain when no name is given. */
@Injectable()
export class AgentFolders {
  constructor(
    private readonly paths: Paths,
    private readonly files: DataFiles,
  ) {}

  /** Throws `INVALID_NAME` or `AGENT_NOT_FOUND`; never falls back to the brain. */
  async locate(name: string | null): Promise<AgentPlace> {
    if (name === null || name === BRAIN) return this.brain();
    assertSafeName(name, 'agent');
    const place = (await this.locateUser(name)) ?? (await this.locateBuiltin(name));
    if (place) return place;
    throw new AppError('AGENT_NOT_FOUND', `There is no agent ${name}. GET /api/agents lists them.`);
  }

  /** The brain, then all others by name. Folders that cannot be agents are there too, with their problem. */
  async all(): Promise<AgentPlace[]> {
    const names = new Set([...(await this.userNames()), ...(await this.builtinNames())]);
    const places: AgentPlace[] = [this.brain()];
    for (const name of [...names].sort()) {
      const place = (await this.locateUser(name)) ?? (await this.locateBuiltin(name));
      if (place) places.push(place);
    }
    return places;
  }

  async userNames(): Promise<string[]> {
    return namesIn(this.paths.userAgents);
  }

  /** The agents of the program, the brain among them, whether a user overrides them or not. */
  async program(): Promise<AgentPlace[]> {
    const places = await Promise.all((await this.builtinNames()).map((name) => this.locateBuiltin(name)));
    return [this.brain(), ...places.filter((place) => place !== null)];
  }

  /** Null when the user has no agent of that name. */
  async locateUser(name: string): Promise<AgentPlace | null> {
    const folder = joinPath(this.paths.userAgents, name);
    const kind = await this.files.kindOf(folder);
    if (kind === 'missing') return null;
    const problem =
      name === BRAIN
        ? 'the name is taken by the brain; rename the folder'
        : !isSafeName(name)
          ? 'the folder must be named with lower-case letters, digits and dashes'
          : kind === 'other'
            ? 'is not a folder; symbolic links are not followed'
            : null;
    return {
      name,
      source: 'user',
      folder,
      shownFolder: `/data/config/agents/${name}`,
      overrides: (await this.locateBuiltin(name)) ? 'builtin' : null,
      problem,
    };
  }

  /** The files of an agent; of the brain, only its Markdown: the folder is the program's. */
  read(place: AgentPlace): Promise<FolderContent> {
    if (place.source === 'brain') return readFolder(joinPath(this.paths.brain, '.claude'), { flat: true });
    return readFolder(place.folder);
  }

  private brain(): AgentPlace {
    return {
      name: BRAIN,
      source: 'brain',
      folder: this.paths.brain,
      shownFolder: '/app',
      overrides: null,
      problem: null,
    };
  }

  private async locateBuiltin(name: string): Promise<AgentPlace | null> {
    if (!isSafeName(name)) return null;
    const folder = joinPath(this.paths.builtinAgents, name);
    if (!(await isFolder(folder))) return null;
    return {
      name,
      source: 'builtin',
      folder,
      shownFolder: `/app/agents/${name}`,
      overrides: null,
      problem: null,
    };
  }

  private async builtinNames(): Promise<string[]> {
    return (await namesIn(this.paths.builtinAgents)).filter(isSafeName);
  }
}
