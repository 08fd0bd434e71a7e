import { createWriteStream } from 'node:fs';
import { chmod, chown, mkdir, open, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@app/contracts';
import { knownMigrations } from '@app/database';
import type { ArchiveSink } from '../archive-reader.js';
import { NEVER_AT_TOP } from '../data-tree.js';
import { META, type AboutBackup } from '../layout.js';

/**
 * Unpacks a backup into an empty folder of its own, `tree` for the data and `meta` for the rest. Permissions are
 * brought into bounds; files belong to whoever owns the data folder.
 */
export class StagingSink implements ArchiveSink {
  private owner: { uid: number; gid: number } | null = null;
  private readonly made = new Set<string>();

  constructor(
    private readonly data: string,
    private readonly tree: string,
    private readonly meta: string,
    private readonly check: (about: AboutBackup) => Promise<void>,
  ) {}

  async about(about: AboutBackup): Promise<void> {
    assertKnownMigrations(about);
    await this.check(about);
    const { uid, gid } = await stat(this.data);
    if (process.getuid?.() === 0 && uid !== 0) this.owner = { uid, gid };
    await mkdir(this.tree, { recursive: true, mode: 0o700 });
    await mkdir(this.meta, { recursive: true, mode: 0o700 });
  }

  async folder(path: string, mode: number): Promise<void> {
    const full = this.placeOf(path);
    await this.ensure(full);
    await chmod(full, path === 'credentials' ? 0o700 : (mode & 0o777) | 0o700);
  }

  async file(
    path: string,
    { mode, mtime }: { mode: number; mtime: Date },
    content: AsyncIterable<Buffer>,
  ): Promise<void> {
    const full = this.placeOf(path);
    await this.ensure(dirname(full));
    // `wx`: an archive that names a file twice is refused rather than believed.
    await pipeline(content, createWriteStream(full, { flags: 'wx', mode: 0o600 }));
    await chmod(full, path.startsWith('credentials/') ? 0o600 : (mode & 0o777) | 0o600);
    await utimes(full, mtime, mtime);
    await this.own(full);
    const handle = await open(full, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  private placeOf(path: string): string {
    if (path.startsWith(`${META}/`)) return join(this.meta, path.slice(META.length + 1));
    const [top = ''] = path.split('/');
    if (NEVER_AT_TOP.has(top) || path === 'credentials/master.key') {
      throw new AppError('ARCHIVE_UNSAFE_PATH', 'The archive holds what no backup of ours does.');
    }
    return join(this.tree, path);
  }

  private async ensure(folder: string): Promise<void> {
    if (this.made.has(folder)) return;
    if (folder !== this.tree && folder !== this.meta) await this.ensure(dirname(folder));
    await mkdir(folder, { recursive: true });
    await this.own(folder);
    if (this.made.size > 10_000) this.made.clear();
    this.made.add(folder);
  }

  private async own(path: string): Promise<void> {
    if (this.owner) await chown(path, this.owner.uid, this.owner.gid);
  }
}

export function assertKnownMigrations({ migrations, app_version: version }: AboutBackup): void {
  const known = knownMigrations();
  if (migrations.every((name) => known.includes(name))) return;
  throw new AppError(
    'BACKUP_TOO_NEW',
    `The backup was made by version ${version}, which is newer than this one. Restore it with that version or a later one.`,
  );
}
