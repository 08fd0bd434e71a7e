import { IsIn, IsISO8601, IsOptional, IsString } from 'class-validator';
import { joinPath, type DataPath, type Paths } from '@app/paths';
import { parseStored, readTextIfThere, type DataFiles } from '@app/storage';

export const CREDENTIAL_ACTIONS = [
  'stored',
  'deleted',
  'verified',
  'keys_rotated',
  'keys_rewrapped',
] as const;
export type CredentialAction = (typeof CREDENTIAL_ACTIONS)[number];

/** One change; nothing in it is secret. */
export class AuditEntry {
  @IsISO8601()
  at: string;

  @IsIn(CREDENTIAL_ACTIONS)
  action: CredentialAction;

  /** The name and id of an API key, or the user of the command line. */
  @IsString()
  by: string;

  @IsOptional()
  @IsString()
  provider?: string;

  @IsOptional()
  @IsString()
  label?: string;

  @IsOptional()
  @IsString()
  credential_id?: string;
}

const SHOWN = 200;

/**
 * /data/credentials/audit.jsonl: who changed credentials and keys, and when. A file and not a table, because keys are
 * changed from the command line too, which has no database. An entry is written before what it tells of: a change without
 * an entry cannot be, an entry whose change was interrupted can.
 */
export class CredentialAudit {
  private readonly path: DataPath;

  constructor(
    private readonly files: DataFiles,
    paths: Paths,
  ) {
    this.path = joinPath(paths.credentials, 'audit.jsonl');
  }

  async record(entry: Omit<AuditEntry, 'at'>): Promise<void> {
    const line = JSON.stringify({ at: new Date().toISOString(), ...entry });
    await this.files.appendLine(this.path, line, { mode: 0o600 });
  }

  /** The last 200, newest first; a line that a crash cut off is left out. */
  async recent(): Promise<AuditEntry[]> {
    const lines = ((await readTextIfThere(this.path)) ?? '').split('\n').filter((line) => line !== '');
    return lines
      .slice(-SHOWN)
      .reverse()
      .flatMap((line) => parseStored(AuditEntry, line) ?? []);
  }
}
