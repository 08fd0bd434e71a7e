import { Injectable } from '@nestjs/common';
import { AppError } from '@app/contracts';
import { joinPath, Paths, type DataPath } from '@app/paths';
import { assertSafeName, DataFiles, isSafeName } from '@app/storage';
import { BRAIN } from '../agents/agent.js';
import type { FolderContent } from './folder-files.js';
import { WORD_OF, type Kind } from './kind.js';
import { foldersIn, namesIn } from './names-in.js';
import { readFolder } from './read-folder.js';

/** The folders of users on the volume: `/data/config/agents/<name>` and `/data/config/skills/<name>`. */
@Injectable()
export class UserFolders {
  constructor(
    private readonly paths: Paths,
    private readonly files: DataFiles,
  ) {}

  root(kind: Kind): DataPath {
    return kind === 'agents' ? this.paths.userAgents : this.paths.userSkills;
  }

  folder(kind: Kind, name: string): DataPath {
    return joinPath(this.root(kind), name);
  }

  /** Those that can be reached by their name. */
  async names(kind: Kind): Promise<string[]> {
    const names = (await namesIn(this.root(kind))).filter(isSafeName);
    return names.filter((name) => !isBrain(kind, name)).sort();
  }

  /** Null when there is none. Throws `UNSAFE_PATH` when something else than a folder is in its place. */
  async read(kind: Kind, name: string): Promise<FolderContent | null> {
    if (isBrain(kind, name)) return null;
    const folder = this.folder(kind, name);
    const there = await this.files.kindOf(folder);
    if (there === 'folder') return readFolder(folder);
    if (there === 'missing') return null;
    throw new AppError(
      'UNSAFE_PATH',
      `A symbolic link or a file is in the place of this ${WORD_OF[kind]}. Delete it first.`,
    );
  }

  /** After a crash: removes what was being written inside of the folder. */
  async recover(kind: Kind, name: string): Promise<void> {
    const folder = this.folder(kind, name);
    if ((await this.files.kindOf(folder)) !== 'folder') return;
    await this.files.recover(folder);
    for (const below of await foldersIn(folder)) await this.files.recover(joinPath(folder, below));
  }

  /**
   * Throws `INVALID_NAME`, or `NAME_CONFLICT` when another one is called the same but for upper and lower case: on
   * some file systems both would be one folder.
   */
  async assertNameFree(kind: Kind, name: string): Promise<void> {
    const folded = name.toLowerCase();
    const twin = (await namesIn(this.root(kind))).find(
      (other) => other !== name && other.toLowerCase() === folded,
    );
    if (twin === undefined) return assertSafeName(name, WORD_OF[kind]);
    throw new AppError(
      'NAME_CONFLICT',
      `There is ${twin}, which differs in upper and lower case only. Use that name, or rename its folder first.`,
    );
  }
}

/** The brain is no user's: a folder of that name on the volume is in the way and nobody's agent. */
function isBrain(kind: Kind, name: string): boolean {
  return kind === 'agents' && name === BRAIN;
}
