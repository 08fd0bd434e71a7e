import { ApiProperty } from '@nestjs/swagger';
import { textOf, type FolderFile, type FolderFiles } from './folder-files.js';

/** A file of an agent or a skill, in a list. */
export class FileEntryView {
  /** Relative to the folder, with `/`. */
  path: string;

  /** Bytes. */
  size: number;

  executable: boolean;

  static of(path: string, { content, executable }: FolderFile): FileEntryView {
    return { path, size: content.length, executable };
  }
}

export class FileListView {
  /** By path. */
  items: FileEntryView[];

  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;

  static of(files: FolderFiles): FileListView {
    const items = [...files].map(([path, file]) => FileEntryView.of(path, file));
    return { items: items.sort((one, other) => (one.path < other.path ? -1 : 1)), next_cursor: null };
  }
}

/** A file with its content. */
export class FileView extends FileEntryView {
  /** Null when it is not UTF-8 text. */
  @ApiProperty({ type: String, nullable: true })
  text: string | null;

  /** What is not text; null when it is. */
  @ApiProperty({ type: String, nullable: true })
  base64: string | null;

  static override of(path: string, file: FolderFile): FileView {
    const text = textOf(new Map([[path, file]]), path);
    const base64 = text === null ? file.content.toString('base64') : null;
    return { ...FileEntryView.of(path, file), text, base64 };
  }
}
