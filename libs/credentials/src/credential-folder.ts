import { readdir } from 'node:fs/promises';
import { joinPath, type DataPath, type Paths } from '@app/paths';
import { errorCodeOf, readTextIfThere, type DataFiles } from '@app/storage';
import { parseCredentialFile, type CredentialFile } from './credential-file.js';
import { fileNameOf, refOfFileName, type CredentialRef } from './credential-ref.js';

/** The files of the stored credentials. Nothing is kept in memory: another process may have changed them. */
export class CredentialFolder {
  constructor(
    private readonly paths: Paths,
    private readonly files: DataFiles,
  ) {}

  /** The stored ones, by provider and label. */
  async refs(): Promise<CredentialRef[]> {
    return (await this.names()).flatMap((name) => refOfFileName(name) ?? []);
  }

  /** Null when there is none. Throws `DECRYPT_FAILED` when the file is damaged. */
  async read(ref: CredentialRef): Promise<CredentialFile | null> {
    const text = await readTextIfThere(this.pathOf(ref));
    return text === null ? null : parseCredentialFile(text);
  }

  async write(ref: CredentialRef, file: CredentialFile): Promise<void> {
    await this.files.writeFileAtomic(this.pathOf(ref), `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  }

  /** False when there was none. */
  remove(ref: CredentialRef): Promise<boolean> {
    return this.files.removeFile(this.pathOf(ref));
  }

  private async names(): Promise<string[]> {
    try {
      return (await readdir(this.paths.credentials)).sort();
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return [];
      throw error;
    }
  }

  private pathOf(ref: CredentialRef): DataPath {
    return joinPath(this.paths.credentials, fileNameOf(ref));
  }
}
