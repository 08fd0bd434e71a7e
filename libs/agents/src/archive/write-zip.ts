import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { FolderFiles } from '../folders/folder-files.js';

/** Local time on purpose: the format knows no other, so that the bytes are the same in every time zone. */
const NO_TIME = new Date(1980, 0, 1);

/**
 * A zip archive, as a stream: the same files give the same bytes. `folder`, when it is given, is the folder in the
 * archive that they are in.
 */
export function zipStream(files: FolderFiles, folder?: string): Readable {
  const zip = new ZipFile();
  for (const [path, { content, executable }] of [...files].sort(([one], [other]) => (one < other ? -1 : 1))) {
    zip.addBuffer(content, folder === undefined ? path : `${folder}/${path}`, {
      mtime: NO_TIME,
      forceDosTimestamp: true,
      mode: executable ? 0o100755 : 0o100644,
    });
  }
  zip.end();
  // yazl types its stream by Node's oldest interface; it is a PassThrough.
  return zip.outputStream as Readable;
}

export async function zipBytes(files: FolderFiles): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of zipStream(files) as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
