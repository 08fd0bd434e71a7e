import { stat } from 'node:fs/promises';
import { Injectable, Logger } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { Equals, IsISO8601, IsObject, IsOptional, IsString, Matches, validateSync } from 'class-validator';
import { joinPath, Paths, type DataPath } from '@app/paths';
import { DataFiles, parseStored, readTextIfThere, SerialByKey } from '@app/storage';
import { defineAgent } from './agent-definition.js';
import { VersionStore } from '../versions/version-store.js';
import { AgentFolders, type AgentPlace } from './agent-folders.js';

export class RegistryEntry {
  @Matches(/^[0-9a-f]{64}$/)
  digest: string;

  @IsISO8601()
  uploaded_at: string;

  /** The id of the key that uploaded it; null for a folder made by hand. */
  @IsOptional()
  @IsString()
  uploaded_by: string | null;
}

class RegistryFile {
  @Equals(1)
  version: 1;

  @IsObject()
  agents: Record<string, unknown>;
}

type Entries = Record<string, RegistryEntry>;

/**
 * /data/registry/agents.json: who uploaded which agent, and when. The folders are the truth and this is an index of
 * them: at the start it is brought in step, so a lost or damaged index costs the names of the uploaders, no agent.
 */
@Injectable()
export class AgentRegistry {
  private readonly logger = new Logger(AgentRegistry.name);
  private readonly path: DataPath;
  private readonly serial = new SerialByKey();
  private rebuilt: string | null = null;

  constructor(
    paths: Paths,
    private readonly files: DataFiles,
    private readonly folders: AgentFolders,
    private readonly versions: VersionStore,
  ) {
    this.path = joinPath(paths.registry, 'agents.json');
  }

  /** When the index was found lost or damaged since the start, and made again; null when it never was. */
  get rebuiltAt(): string | null {
    return this.rebuilt;
  }

  /** Called at the start. */
  bringInStep(): Promise<void> {
    return this.change((entries) => this.inStep(entries));
  }

  /** Null for an agent that was never uploaded. */
  async find(name: string): Promise<RegistryEntry | null> {
    return (await this.read())?.[name] ?? null;
  }

  put(name: string, entry: RegistryEntry): Promise<void> {
    return this.change((entries) => Promise.resolve({ ...entries, [name]: entry }));
  }

  remove(name: string): Promise<void> {
    return this.change(async (entries) => omit(entries ?? {}, name));
  }

  /** Entries for all folders and for nothing else; those that are known keep their uploader. */
  private async inStep(known: Entries | null): Promise<Entries> {
    const entries: Entries = {};
    for (const name of (await this.folders.userNames()).sort()) {
      const place = await this.folders.locateUser(name);
      if (!place || place.problem !== null) continue;
      const { digest } = defineAgent(await this.folders.read(place));
      const entry = known?.[name];
      entries[name] = entry?.digest === digest ? entry : await this.entryOf(place, digest);
    }
    const count = Object.keys(entries).length;
    if (known === null && count > 0) {
      this.rebuilt = new Date().toISOString();
      this.logger.warn(
        `The index of agents (/data/registry/agents.json) was lost or damaged; it was rebuilt from ${count} folders.`,
      );
    }
    return entries;
  }

  /** From the versions, which know who made them; else from the folder. */
  private async entryOf({ name, folder }: AgentPlace, digest: string): Promise<RegistryEntry> {
    const versions = await this.versions.finished('agents', name);
    const version = versions.findLast((one) => one.digest === digest && one.origin === 'user');
    return {
      digest,
      uploaded_at: version?.at ?? (await stat(folder)).mtime.toISOString(),
      uploaded_by: version?.by ?? null,
    };
  }

  private change(next: (entries: Entries | null) => Promise<Entries>): Promise<void> {
    return this.serial.run('registry', async () => {
      const before = await this.read();
      const after = await next(before);
      if (JSON.stringify(before) === JSON.stringify(after)) return;
      const file: RegistryFile = { version: 1, agents: after };
      await this.files.writeFileAtomic(this.path, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o644 });
    });
  }

  /** Null when the file is missing or damaged, be it in one entry. */
  private async read(): Promise<Entries | null> {
    const text = await readTextIfThere(this.path);
    const file = text === null ? null : parseStored(RegistryFile, text);
    if (!file) return null;
    const entries: Entries = {};
    for (const [name, value] of Object.entries(file.agents)) {
      const entry = plainToInstance(RegistryEntry, value);
      if (!(entry instanceof RegistryEntry) || validateSync(entry).length > 0) return null;
      entries[name] = { ...entry };
    }
    return entries;
  }
}

function omit(entries: Entries, name: string): Entries {
  return Object.fromEntries(Object.entries(entries).filter(([known]) => known !== name));
}
