import { Logger } from '@nestjs/common';
import { Equals, IsObject } from 'class-validator';
import { joinPath, type DataPath, type Paths } from '@app/paths';
import { parseStored, readTextIfThere, SerialByKey, type DataFiles } from '@app/storage';

class UsageFile {
  @Equals(1)
  version: 1;

  /** Credential id → instant. */
  @IsObject()
  last_used: Record<string, unknown>;
}

/** Instants by the id of the credential. */
export type Uses = Readonly<Record<string, unknown>>;

const WRITE_EVERY_MS = 60_000;

/**
 * When each credential was used last. Kept beside the credential and not in its file: a worker that notes a use
 * must never be able to write an old credential over one that was stored a moment ago.
 */
export class CredentialUse {
  private readonly logger = new Logger(CredentialUse.name);
  private readonly path: DataPath;
  private readonly noted = new Map<string, Date>();
  private readonly writtenAt = new Map<string, number>();
  private readonly serial = new SerialByKey();

  constructor(
    private readonly files: DataFiles,
    paths: Paths,
    private readonly now: () => Date,
  ) {
    this.path = joinPath(paths.credentials, 'usage.json');
  }

  /** At once, so that two runs that begin together do not both see the same credential as the one to use next. */
  reserve(credentialId: string): void {
    this.noted.set(credentialId, this.now());
  }

  /** Written at most once a minute. Never throws: no run fails because of it. */
  async note(credentialId: string): Promise<void> {
    const now = this.now();
    this.noted.set(credentialId, now);
    if (now.getTime() - (this.writtenAt.get(credentialId) ?? -Infinity) < WRITE_EVERY_MS) return;
    this.writtenAt.set(credentialId, now.getTime());
    try {
      await this.serial.run('usage', () => this.write(credentialId, now));
    } catch (error) {
      this.logger.warn(
        `The last use of a credential was not written: ${error instanceof Error ? error.message : ''}`,
      );
    }
  }

  async lastUsed(credentialId: string): Promise<string | null> {
    return this.latest(credentialId, await this.written());
  }

  /** What this process and others have written down so far. */
  async written(): Promise<Uses> {
    const text = await readTextIfThere(this.path);
    return (text !== null && parseStored(UsageFile, text)?.last_used) || {};
  }

  latest(credentialId: string, written: Uses): string | null {
    const noted = this.noted.get(credentialId)?.toISOString();
    const known = [written[credentialId], noted].filter((instant) => typeof instant === 'string').sort();
    return known.at(-1) ?? null;
  }

  private async write(credentialId: string, at: Date): Promise<void> {
    const file: UsageFile = {
      version: 1,
      last_used: { ...(await this.written()), [credentialId]: at.toISOString() },
    };
    await this.files.writeFileAtomic(this.path, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  }
}
