import { Equals, IsArray, IsIn, IsISO8601, IsOptional, IsString, Matches, MaxLength } from 'class-validator';

/**
 * A backup is a `.tar.gz` of the data folder, so that plain `tar xzf` on an empty folder gives a SQLite service back:
 *   .backup/about.json       first: what this is
 *   db/machine.db            SQLite: a snapshot of one moment
 *   .backup/database/*.ndjson  Postgres: the rows of each table, one a line
 *   everything else          as it lies in the data folder
 *   .backup/links.ndjson     the symbolic links of workspaces
 *   .backup/manifest.ndjson  last: size and digest of every entry before it, then one line with the totals
 */
export const META = '.backup';
export const ABOUT = `${META}/about.json`;
export const ROWS = `${META}/database`;
export const LINKS = `${META}/links.ndjson`;
export const MANIFEST = `${META}/manifest.ndjson`;
export const SQLITE = 'db/machine.db';

/** A backup that knows more than this program is refused. */
export const FORMAT_VERSION = 1;

export const BACKUP_ID = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/;
export const BACKUP_TRIGGERS = ['manual', 'schedule'] as const;
export type BackupTrigger = (typeof BACKUP_TRIGGERS)[number];

/** Known before anything else is read. */
export class AboutBackup {
  @Equals('claude-agent-backup')
  format: 'claude-agent-backup';

  @Equals(FORMAT_VERSION)
  version: number;

  @Matches(BACKUP_ID)
  backup_id: string;

  @IsISO8601()
  created_at: string;

  @IsIn(BACKUP_TRIGGERS)
  trigger: BackupTrigger;

  @IsString()
  @MaxLength(100)
  app_version: string;

  @IsIn(['sqlite', 'rows'])
  database: 'sqlite' | 'rows';

  @IsArray()
  @IsString({ each: true })
  migrations: string[];

  /** Which master key the stored credentials need; null: none are stored. */
  @IsOptional()
  @Matches(/^[0-9a-f]{16}$/)
  kek: string | null;
}

/** One line of the manifest. */
export interface ManifestLine {
  path: string;
  size: number;
  sha256: string;
}

/** The last line of the manifest. */
export interface BackupTotals {
  entries: number;
  bytes: number;
  /** Rows of each table. */
  tables: Record<string, number>;
  /** Files that changed while they were read, and what is neither file, folder nor link, such as sockets. */
  incomplete: number;
  skipped: number;
}
