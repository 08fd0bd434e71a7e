import { Injectable } from '@nestjs/common';
import { joinPath, Paths } from '@app/paths';
import { BRAIN, type LoadedAgent } from '../agents/agent.js';
import { SharedLooks } from './shared-looks.js';
import { stampFolders, type FolderStamp } from './stamp-folders.js';

/** Between two looks at the disk, when many tasks start. */
const REST_MS = 40;

interface Remembered {
  agent: LoadedAgent;
  sources: string;
  plugins: string;
}

/**
 * Remembers what was loaded for runs, for as long as not one file it was made from has changed: otherwise each task of
 * the brain would read and check all agents, all skills and all copies of them for the engine.
 */
@Injectable()
export class LoadedAgents {
  private readonly remembered = new Map<string, Remembered>();
  private readonly looks = new Map<string, SharedLooks<LoadedAgent>>();

  constructor(private readonly paths: Paths) {}

  /** Never older than the call; tasks that start at the same time share one look at the disk. */
  async get(name: string | null, load: () => Promise<LoadedAgent>): Promise<LoadedAgent> {
    const key = name ?? BRAIN;
    const looks = this.looks.get(key) ?? new SharedLooks(REST_MS);
    this.looks.set(key, looks);
    return looks.ask(() => this.look(key, load));
  }

  private async look(key: string, load: () => Promise<LoadedAgent>): Promise<LoadedAgent> {
    const known = this.remembered.get(key);
    const [before, plugins] = await Promise.all([
      this.stampSources(key),
      stampFolders(known?.agent.pluginDirs ?? []),
    ]);
    if (known?.sources === before.value && known.plugins === plugins.value) return known.agent;
    this.remembered.delete(key);
    const agent = await load();
    await this.remember(key, agent, before);
    return agent;
  }

  private async remember(key: string, agent: LoadedAgent, before: FolderStamp): Promise<void> {
    const [after, plugins] = await Promise.all([this.stampSources(key), stampFolders(agent.pluginDirs)]);
    if (after.value !== before.value || !after.settled || !plugins.settled) return;
    this.remembered.set(key, { agent, sources: after.value, plugins: plugins.value });
  }

  /** The brain can delegate to everybody, so it depends on all agents. */
  private stampSources(name: string): Promise<FolderStamp> {
    const { brain, userAgents, builtinAgents, userSkills, builtinSkills } = this.paths;
    const agents =
      name === BRAIN
        ? [joinPath(brain, '.claude'), userAgents, builtinAgents]
        : [joinPath(userAgents, name), joinPath(builtinAgents, name)];
    return stampFolders([...agents, userSkills, builtinSkills]);
  }
}
