import { Logger } from '@nestjs/common';
import { Equals, IsIn, IsISO8601, IsObject, IsOptional } from 'class-validator';
import { joinPath, type DataPath, type Paths } from '@app/paths';
import { parseStored, readTextIfThere, type DataFiles } from '@app/storage';
import type { CredentialsLock } from './credentials-lock.js';

export const VERDICTS = ['valid', 'invalid', 'limited', 'unreachable'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What runs and checks found out about one credential. */
export class Health {
  /** The instant at which its usage limit ends. */
  @IsOptional()
  @IsISO8601()
  limited_until?: string;

  /** Since when the provider refuses it. */
  @IsOptional()
  @IsISO8601()
  invalid_since?: string;

  @IsOptional()
  @IsISO8601()
  last_verified_at?: string;

  @IsOptional()
  @IsIn(VERDICTS)
  last_verdict?: Verdict;
}

class HealthFile {
  @Equals(1)
  version: 1;

  /** Credential id → what is known of it. */
  @IsObject()
  credentials: Record<string, unknown>;
}

export type HealthChange = { [Field in keyof Health]?: Health[Field] | null };

/**
 * /data/credentials/status.json. Kept beside the credentials, for the same reason as when they were used: whoever notes
 * something must never be able to write an old credential over a new one. What is lost with this file is found out again.
 */
export class CredentialHealth {
  private readonly logger = new Logger(CredentialHealth.name);
  private readonly path: DataPath;

  constructor(
    private readonly files: DataFiles,
    private readonly lock: CredentialsLock,
    paths: Paths,
  ) {
    this.path = joinPath(paths.credentials, 'status.json');
  }

  async all(): Promise<ReadonlyMap<string, Health>> {
    const text = await readTextIfThere(this.path);
    const entries = text === null ? {} : (parseStored(HealthFile, text)?.credentials ?? {});
    return new Map(
      Object.entries(entries).map(([id, entry]) => [
        id,
        parseStored(Health, JSON.stringify(entry)) ?? new Health(),
      ]),
    );
  }

  async of(credentialId: string): Promise<Health> {
    return (await this.all()).get(credentialId) ?? new Health();
  }

  /** Null forgets a fact. Never throws: neither a run nor an answer fails because this could not be written. */
  async note(credentialId: string, change: HealthChange): Promise<void> {
    try {
      await this.lock.run(() => this.write(credentialId, change));
    } catch (error) {
      this.logger.warn(
        `What was found out about a credential was not written: ${error instanceof Error ? error.message : ''}`,
      );
    }
  }

  /** For those who hold the lock already. */
  async forget(credentialId: string): Promise<void> {
    const all = new Map(await this.all());
    if (all.delete(credentialId)) await this.save(all);
  }

  private async write(credentialId: string, change: HealthChange): Promise<void> {
    const all = new Map(await this.all());
    const merged = Object.entries({ ...all.get(credentialId), ...change }).filter(
      ([, value]) => value !== null && value !== undefined,
    );
    all.set(credentialId, Object.fromEntries(merged));
    await this.save(all);
  }

  private async save(all: ReadonlyMap<string, Health>): Promise<void> {
    const file: HealthFile = { version: 1, credentials: Object.fromEntries(all) };
    await this.files.writeFileAtomic(this.path, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  }
}
