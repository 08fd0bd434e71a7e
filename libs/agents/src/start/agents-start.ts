import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Paths } from '@app/paths';
import { DataFiles } from '@app/storage';
import { AgentRegistry } from '../agents/agent-registry.js';
import { VersionsAtStart } from './versions-at-start.js';

/** At the start: ends what a crash interrupted, finds what was changed by hand, and brings the index in step. */
@Injectable()
export class AgentsStart implements OnModuleInit {
  private readonly logger = new Logger(AgentsStart.name);

  constructor(
    private readonly paths: Paths,
    private readonly files: DataFiles,
    private readonly versions: VersionsAtStart,
    private readonly registry: AgentRegistry,
  ) {}

  async onModuleInit(): Promise<void> {
    for (const folder of [this.paths.userAgents, this.paths.userSkills, this.paths.registry]) {
      await this.files.ensureFolder(folder);
      const leftovers = await this.files.recover(folder);
      if (leftovers > 0)
        this.logger.warn(`${leftovers} unfinished writes of an earlier run were cleaned up.`);
    }
    await this.versions.catchUp();
    await this.registry.bringInStep();
  }
}
