import { Injectable, Logger } from '@nestjs/common';
import { AppError } from '@app/contracts';
import type { FolderFiles } from '../folders/folder-files.js';
import { VersionHistory } from '../versions/version-history.js';
import type { AgentPlace } from './agent-folders.js';

const DAY_MS = 86_400_000;

/**
 * What a run began with can be looked up afterwards by the digest that its task keeps. A run does not fail because
 * that could not be written down.
 */
@Injectable()
export class RunVersions {
  private readonly logger = new Logger(RunVersions.name);
  private readonly noted = new Map<string, number>();

  constructor(private readonly history: VersionHistory) {}

  /** An agent was read from its folder, which a person may have changed by hand. */
  async noteLoaded({ name, source }: AgentPlace, files: FolderFiles): Promise<void> {
    await this.orWarn(name, () =>
      source === 'user'
        ? this.history.noteLoaded('agents', name, files)
        : this.history.noteProgram('agents', name, files),
    );
  }

  /** A run begins; called for each, so it remembers for a day that it has said so. */
  async noteUse(name: string, digest: string): Promise<void> {
    if (Date.now() - (this.noted.get(name + digest) ?? 0) < DAY_MS) return;
    this.noted.set(name + digest, Date.now());
    await this.orWarn(name, () => this.history.noteUse('agents', name, digest));
  }

  private async orWarn(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.logger.warn(`The version of the agent ${name} could not be kept: ${error.message}`);
    }
  }
}
