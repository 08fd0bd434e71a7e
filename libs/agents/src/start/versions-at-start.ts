import { Injectable, Logger } from '@nestjs/common';
import { AppError } from '@app/contracts';
import { isSafeName } from '@app/storage';
import { AgentFolders } from '../agents/agent-folders.js';
import { KINDS, type Kind } from '../folders/kind.js';
import { UserFolders } from '../folders/user-folders.js';
import { SkillCatalog } from '../skills/skill-catalog.js';
import { VersionHistory } from '../versions/version-history.js';
import { VersionStore } from '../versions/version-store.js';

/** Brings all histories up to what lies in the folders, and keeps what this program came with. */
@Injectable()
export class VersionsAtStart {
  private readonly logger = new Logger(VersionsAtStart.name);

  constructor(
    private readonly agents: AgentFolders,
    private readonly skills: SkillCatalog,
    private readonly folders: UserFolders,
    private readonly store: VersionStore,
    private readonly history: VersionHistory,
  ) {}

  /** Damaged folders and a full disk do not keep the service from starting. */
  async catchUp(): Promise<void> {
    for (const place of await this.agents.program()) {
      const { files } = await this.agents.read(place);
      await this.orWarn('agents', place.name, () => this.history.noteProgram('agents', place.name, files));
    }
    for (const { name, files } of await this.skills.builtin()) {
      if (isSafeName(name))
        await this.orWarn('skills', name, () => this.history.noteProgram('skills', name, files));
    }
    for (const kind of KINDS) {
      const names = new Set([...(await this.folders.names(kind)), ...(await this.store.names(kind))]);
      for (const name of names) {
        await this.orWarn(kind, name, async () => {
          await this.folders.recover(kind, name);
          await this.history.look(kind, name);
        });
      }
    }
  }

  private async orWarn(kind: Kind, name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.logger.warn(`The history of ${kind}/${name} could not be brought up to date: ${error.message}`);
    }
  }
}
