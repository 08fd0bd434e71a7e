import { randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Settings } from '@app/config';

/** `DATA_DIR/credentials/admin.key`: the first key, for whoever owns the volume. */
export class AdminKeyFile {
  private readonly folder: string;
  private readonly file: string;

  constructor(settings: Pick<Settings, 'dataDir'>) {
    this.folder = resolve(settings.dataDir, 'credentials');
    this.file = join(this.folder, 'admin.key');
  }

  /** The text of the file, or null when there is none. */
  async read(): Promise<string | null> {
    try {
      return (await readFile(this.file, 'utf8')).trim();
    } catch (error) {
      if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT')
        return null;
      throw error;
    }
  }

  /** A crash leaves the old file or the new one, never a half. */
  async write(key: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await chmod(this.folder, 0o700);
    const draft = join(this.folder, `.admin.key.${randomUUID()}`);
    try {
      const handle = await open(draft, 'wx', 0o600);
      try {
        await handle.writeFile(`${key}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(draft, this.file);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    const folder = await open(this.folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
