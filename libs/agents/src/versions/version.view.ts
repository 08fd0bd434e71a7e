import { ApiProperty } from '@nestjs/swagger';
import type { VersionDiffShape, VersionListShape, VersionShape } from '@app/contracts';
import { FileView } from '../folders/file.view.js';
import type { FolderFiles } from '../folders/folder-files.js';
import { FILE_CHANGES, type FileDiff } from './diff-files.js';
import { CHANGES, ORIGINS, type Change, type Origin, type VersionEntry } from './version-entry.js';

/** A step in the history of an agent or a skill. */
export class VersionView implements VersionShape {
  /** sha256 over the files, as tasks keep it in `agent_digest`; null when they were deleted. */
  @ApiProperty({ type: String, nullable: true })
  digest: string | null;

  /** `found`: changed by hand in the folder, when it was noticed; `built_in`: it came with the program. */
  @ApiProperty({ enum: CHANGES })
  change: Change;

  /** `user`: of /data/config; `program`: of /app. */
  @ApiProperty({ enum: ORIGINS })
  origin: Origin;

  @ApiProperty({ format: 'date-time' })
  at: string;

  /** The id of the API key; null for what was found or came with the program. */
  @ApiProperty({ type: String, nullable: true })
  by: string | null;

  @ApiProperty({ type: String, nullable: true })
  note: string | null;

  /** How many files it has. */
  files: number;

  /** Their size together. */
  bytes: number;

  static of({ digest, change, origin, at, by, note, files, bytes }: VersionEntry): VersionView {
    return { digest, change, origin, at, by: by ?? null, note: note ?? null, files, bytes };
  }
}

export class VersionListView implements VersionListShape {
  /** What a run would begin with now; null when there is nothing of that name any more. */
  @ApiProperty({ type: String, nullable: true })
  current: string | null;

  /** The newest first. */
  items: VersionView[];

  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;

  static of(entries: readonly VersionEntry[]): VersionListView {
    const user = entries.findLast(({ origin }) => origin === 'user')?.digest;
    const program = entries.findLast(({ origin }) => origin === 'program')?.digest;
    return {
      current: user ?? program ?? null,
      items: entries.map(VersionView.of).reverse(),
      next_cursor: null,
    };
  }
}

/** A version with its files. */
export class VersionContentView {
  version: VersionView;

  /** By path. */
  items: FileView[];

  static of(entry: VersionEntry, files: FolderFiles): VersionContentView {
    const items = [...files].sort(([one], [other]) => (one < other ? -1 : 1));
    return { version: VersionView.of(entry), items: items.map(([path, file]) => FileView.of(path, file)) };
  }
}

export class FileDiffView {
  path: string;

  @ApiProperty({ enum: FILE_CHANGES })
  change: FileDiff['change'];

  /** Unified, as `git apply` takes it; null for what is not text or too different to be compared. */
  @ApiProperty({ type: String, nullable: true })
  patch: string | null;
}

export class VersionDiffView implements VersionDiffShape {
  from: string;
  to: string;

  /** By path; files that did not change are left out. */
  items: FileDiffView[];
}
