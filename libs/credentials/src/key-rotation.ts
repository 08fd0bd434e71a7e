import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import type { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import type { Paths } from '@app/paths';
import { DataFiles, errorCodeOf, writeAndRename } from '@app/storage';
import { CredentialAudit } from './credential-audit.js';
import { openCredential, resealCredential } from './credential-file.js';
import { CredentialFolder } from './credential-folder.js';
import { fileNameOf } from './credential-ref.js';
import { CredentialsLock } from './credentials-lock.js';
import { Keyring } from './keyring.js';
import { loadMasterKeys, ownMasterKeyFile } from './load-master-keys.js';
import { keyLinesOf, masterKeyOf, newKeyLine } from './master-key.js';

/** Told after each step that is on the disk; tests end the process there. */
export type StepTold = (step: string) => Promise<void>;

export interface Rewrapped {
  /** How many credentials are encrypted with the new key now. */
  credentials: number;
  /** The files that could not be opened; they and the keys they need were left as they are. */
  unreadable: string[];
  /** How many master keys are left beside the current one. */
  oldMasterKeys: number;
}

/**
 * Changes the keys of the credentials folder, beside a service that runs or not. After each step everything can be read,
 * because a new key is on the disk before anything is encrypted with it, and an old one goes last. Running it again goes
 * on from wherever it was interrupted.
 */
export class KeyRotation {
  private readonly audit: CredentialAudit;
  private readonly folder: CredentialFolder;
  private readonly lock: CredentialsLock;
  private readonly files: DataFiles;
  private readonly file: string;

  constructor(
    private readonly settings: Settings,
    private readonly paths: Paths,
    private readonly step: StepTold = () => Promise.resolve(),
  ) {
    this.files = new DataFiles(paths);
    this.audit = new CredentialAudit(this.files, paths);
    this.folder = new CredentialFolder(paths, this.files);
    this.lock = new CredentialsLock(this.files, paths);
    this.file = settings.masterKeyFile ?? ownMasterKeyFile(paths);
  }

  /** A new master key becomes the current one; the old ones stay in the file. Returns the id of the new one. */
  rotate(): Promise<string> {
    return this.lock.run(async () => {
      await this.assertUser();
      await this.assertWritable();
      // Also makes the first one, which the new one then comes before.
      await this.keyring();
      const line = newKeyLine();
      await this.audit.record({ action: 'keys_rotated', by: commandLineUser() });
      await this.writeKeys([line, ...keyLinesOf(await readFile(this.file, 'utf8'))]);
      await this.step('master key written');
      await (await this.keyring()).rewrap({ withNewPrimary: false });
      await this.step('keyring rewrapped');
      return masterKeyOf(line)?.id ?? '';
    });
  }

  /** Encrypts every credential with a new key under the current master key; then the old keys may go. */
  rewrap({ dropOld }: { dropOld: boolean }): Promise<Rewrapped> {
    return this.lock.run(async () => {
      await this.assertUser();
      if (dropOld) await this.assertWritable();
      const keyring = await this.keyring();
      await this.audit.record({ action: 'keys_rewrapped', by: commandLineUser() });
      await keyring.rewrap({ withNewPrimary: true });
      await this.step('keyring rewrapped');
      const { kids, unreadable } = await this.reseal(keyring);
      if (dropOld && unreadable.length === 0) await this.dropOld(keyring, kids);
      const oldMasterKeys = keyLinesOf(await readFile(this.file, 'utf8')).length - 1;
      return { credentials: kids.size, unreadable, oldMasterKeys };
    });
  }

  private async reseal(keyring: Keyring): Promise<{ kids: Map<string, string>; unreadable: string[] }> {
    const kids = new Map<string, string>();
    const unreadable: string[] = [];
    for (const ref of await this.folder.refs()) {
      try {
        const file = await this.folder.read(ref);
        if (!file) continue;
        const sealed = resealCredential(
          ref,
          file,
          await openCredential(ref, file, keyring),
          await keyring.sealingKey(),
        );
        await this.folder.write(ref, sealed);
        kids.set(fileNameOf(ref), sealed.kid);
        await this.step(`credential ${kids.size}`);
      } catch (error) {
        if (!(error instanceof AppError) || !UNREADABLE.has(error.code)) throw error;
        unreadable.push(fileNameOf(ref));
      }
    }
    return { kids, unreadable };
  }

  private async dropOld(keyring: Keyring, kids: ReadonlyMap<string, string>): Promise<void> {
    await keyring.keepOnly(new Set(kids.values()));
    await this.step('keyring pruned');
    const needed = await keyring.kekIds();
    const [current = '', ...old] = keyLinesOf(await readFile(this.file, 'utf8'));
    await this.writeKeys([current, ...old.filter((line) => needed.has(masterKeyOf(line)?.id ?? ''))]);
    await this.step('master keys pruned');
  }

  private async keyring(): Promise<Keyring> {
    return new Keyring(await loadMasterKeys(this.settings, this.paths, this.files), this.files, this.paths);
  }

  /** In the data folder or, with MASTER_KEY_FILE, wherever the operator put it. */
  private async writeKeys(lines: readonly string[]): Promise<void> {
    const { mode } = await stat(this.file);
    try {
      await writeAndRename(this.file, `${lines.join('\n')}\n`, { mode: mode & 0o777 });
    } catch (error) {
      // A single file that was mounted into a container cannot be replaced.
      if (errorCodeOf(error) === 'EBUSY') throw notWritable(error);
      throw error;
    }
  }

  /** Before anything is changed. A secret that a container was given is mostly read-only. */
  private async assertWritable(): Promise<void> {
    try {
      await access(dirname(this.file), constants.W_OK);
    } catch (error) {
      throw notWritable(error);
    }
  }

  /** Files of another user would be unreadable for the service. */
  private async assertUser(): Promise<void> {
    const { uid } = await stat(this.paths.credentials);
    if (process.getuid === undefined || process.getuid() === uid) return;
    throw new AppError(
      'STORAGE_NOT_WRITABLE',
      `The credentials folder belongs to the user ${uid}. Run the command as that user, who runs the service.`,
    );
  }
}

function notWritable(cause: unknown): AppError {
  return new AppError(
    'STORAGE_NOT_WRITABLE',
    'The file of the master key cannot be replaced from here. Edit it where it comes from: the new key in the first line, the old one below it. Then run `claude-agent keys rewrap`, and take the old line out.',
    { cause },
  );
}

const UNREADABLE: ReadonlySet<string> = new Set(['DECRYPT_FAILED', 'KEK_MISMATCH']);

function commandLineUser(): string {
  const { uid, username } = userInfo();
  return `command line (${username || uid})`;
}
