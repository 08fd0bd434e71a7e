import { StreamableFile } from '@nestjs/common';
import type { FolderFiles } from '../folders/folder-files.js';
import { zipStream } from './write-zip.js';

/** As a download; an upload of it makes the same again. */
export function exportOf(name: string, files: FolderFiles): StreamableFile {
  return new StreamableFile(zipStream(files, name), {
    type: 'application/zip',
    disposition: `attachment; filename="${name}.zip"`,
  });
}
