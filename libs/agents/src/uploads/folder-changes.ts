import { Injectable, Logger } from '@nestjs/common';
import type { Caller } from '@app/auth';
import { AppError } from '@app/contracts';
import { joinPath, type DataPath } from '@app/paths';
import { assertSafeName, DataFiles } from '@app/storage';
import { AgentRegistry } from '../agents/agent-registry.js';
import { digestFiles } from '../folders/digest-files.js';
import type { FolderFile, FolderFiles } from '../folders/folder-files.js';
import { WORD_OF, type Kind } from '../folders/kind.js';
import { UserFolders } from '../folders/user-folders.js';
import type { Change } from '../versions/version-entry.js';
import { VersionHistory, type Step } from '../versions/version-history.js';
import { assertFileName, assertNoTwin } from './checked-files.js';

/** Who changes something, and why. */
export interface Author {
  caller: Caller;
  note: string | null;
}

/** What is special about agents or about skills when they are changed. */
export interface FolderRules {
  readonly kind: Kind;
  /** Throws what speaks against these files. What was wrong `before` may be mended one file at a time. */
  check(name: string, files: FolderFiles, caller: Caller, before: FolderFiles | null): void;
  /** Throws why a name that the user has no folder of cannot be changed: not there, or built in. */
  refuseMissing(name: string): Promise<never>;
}

/**
 * Changes the folders of users. Everything is checked before anything is written; a crash leaves the old or the new
 * folder; of two changes at once each is whole. All methods throw `INVALID_NAME`, `UNSAFE_PATH` and what the rules
 * throw. Each change is a version.
 */
@Injectable()
export class FolderChanges {
  private readonly logger = new Logger(FolderChanges.name);

  constructor(
    private readonly files: DataFiles,
    private readonly folders: UserFolders,
    private readonly history: VersionHistory,
    private readonly registry: AgentRegistry,
  ) {}

  /** The folder afterwards holds these files and nothing else. Returns whether there was one before. */
  async put(
    rules: FolderRules,
    name: string,
    files: FolderFiles,
    author: Author,
    { change = 'uploaded', onlyIfAbsent = false }: { change?: Change; onlyIfAbsent?: boolean } = {},
  ): Promise<{ replaced: boolean }> {
    const { kind } = rules;
    await this.folders.assertNameFree(kind, name);
    rules.check(name, files, author.caller, null);
    return this.history.exclusive(kind, name, async () => {
      const replaced = (await this.folders.read(kind, name)) !== null;
      if (replaced && onlyIfAbsent) throw taken(kind, name);
      await this.history.change(kind, name, stepOf(change, author), files, () =>
        this.files.replaceFolder(
          this.folders.folder(kind, name),
          [...files].map(([path, file]) => ({ path, content: file.content, mode: modeOf(file) })),
        ),
      );
      await this.stored(kind, name, files, author, change);
      return { replaced };
    });
  }

  /** Writes one file of a folder that is there. Returns whether the file was there before. */
  putFile(
    rules: FolderRules,
    name: string,
    path: string,
    content: { content: Buffer; executable: boolean | undefined },
    author: Author,
  ): Promise<{ replaced: boolean }> {
    assertFileName(rules.kind, path);
    return this.edit(rules, name, author, async (before, folder) => {
      const known = before.get(path);
      assertNoTwin(rules.kind, path, before.keys());
      const shebang = content.content.subarray(0, 2).toString('latin1') === '#!';
      const file = {
        content: content.content,
        executable: content.executable ?? (known?.executable === true || shebang),
      };
      const place = joinPath(folder, path);
      await this.assertPlain(folder, path, known !== undefined);
      const write = async (): Promise<void> => {
        await this.files.writeFileAtomic(place, file.content, { mode: modeOf(file) });
      };
      return { files: new Map([...before, [path, file]]), write, replaced: known !== undefined };
    });
  }

  /** Throws `FILE_NOT_FOUND`. */
  async removeFile(rules: FolderRules, name: string, path: string, author: Author): Promise<void> {
    await this.edit(rules, name, author, async (before, folder) => {
      const files = new Map(before);
      if (!files.delete(path)) throw fileNotFound(rules.kind, name);
      await this.assertPlain(folder, path, true);
      const write = async (): Promise<void> => {
        await this.files.removeFile(joinPath(folder, path));
      };
      return { files, write, replaced: true };
    });
  }

  /** Removes the folder, or the link that is in its place. Runs that use it go on. */
  async remove(rules: FolderRules, name: string, author: Author): Promise<void> {
    const { kind } = rules;
    assertSafeName(name, WORD_OF[kind]);
    await this.history.exclusive(kind, name, async () => {
      const folder = this.folders.folder(kind, name);
      const there = await this.files.kindOf(folder);
      const remove = async (): Promise<void> => {
        if (!(await this.files.removeFolder(folder))) await rules.refuseMissing(name);
      };
      if (there === 'folder') {
        await this.history.change(kind, name, stepOf('deleted', author), null, remove);
      } else await remove();
      if (kind === 'agents') await this.registry.remove(name);
      this.logger.log(`${kind}/${name} deleted by key ${author.caller.key_id}`);
    });
  }

  private edit(
    rules: FolderRules,
    name: string,
    author: Author,
    plan: (before: FolderFiles, folder: DataPath) => Promise<Edit>,
  ): Promise<{ replaced: boolean }> {
    const { kind } = rules;
    assertSafeName(name, WORD_OF[kind]);
    return this.history.exclusive(kind, name, async () => {
      const before = await this.folders.read(kind, name);
      if (!before) return rules.refuseMissing(name);
      const { files, write, replaced } = await plan(before.files, this.folders.folder(kind, name));
      rules.check(name, files, author.caller, before.files);
      await this.history.change(kind, name, stepOf('edited', author), files, write);
      await this.stored(kind, name, files, author, 'edited');
      return { replaced };
    });
  }

  /** A link inside of the folder would lead the write to another place on the volume. */
  private async assertPlain(folder: DataPath, path: string, isKnownFile: boolean): Promise<void> {
    const parts = path.split('/');
    for (let count = 1; count <= parts.length; count++) {
      const there = await this.files.kindOf(joinPath(folder, ...parts.slice(0, count)));
      const isFile = count === parts.length;
      if (there === 'missing' || (isFile ? isKnownFile && there === 'other' : there === 'folder')) continue;
      throw new AppError(
        'UNSAFE_PATH',
        'A symbolic link, or a folder where a file belongs, is in the place of this file. Remove it first.',
      );
    }
  }

  private async stored(kind: Kind, name: string, files: FolderFiles, { caller }: Author, change: Change) {
    if (kind === 'agents') {
      await this.registry.put(name, {
        digest: digestFiles(files),
        uploaded_at: new Date().toISOString(),
        uploaded_by: caller.key_id,
      });
    }
    this.logger.log(`${kind}/${name} ${change} by key ${caller.key_id}`);
  }
}

interface Edit {
  /** What the folder holds afterwards. */
  files: FolderFiles;
  write: () => Promise<void>;
  replaced: boolean;
}

/** Says that an agent or a skill has no such file. */
export function fileNotFound(kind: Kind, name: string): AppError {
  return new AppError(
    'FILE_NOT_FOUND',
    `The ${WORD_OF[kind]} ${name} has no such file. GET /api/${kind}/${name}/files lists them.`,
  );
}

function taken(kind: Kind, name: string): AppError {
  return new AppError(
    'NAME_CONFLICT',
    `One of your ${kind} is called ${name} already. Choose another name, or delete that one first.`,
  );
}

function stepOf(change: Change, { caller, note }: Author): Step {
  return { change, by: caller.key_id, note };
}

function modeOf({ executable }: FolderFile): number {
  return executable ? 0o755 : 0o644;
}
