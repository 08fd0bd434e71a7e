import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { CliError } from './cli-error.js';

/** A folder, or a zip archive that is one already, as the form that the API takes. Throws `CliError`. */
export async function packFolder(
  path: string,
  { name, note }: { name?: string; note?: string },
): Promise<FormData> {
  const place = await stat(path).catch(() => null);
  if (!place) throw new CliError(`There is no ${path}. Name a folder, or a zip archive.`);
  // Loaded only here: it brings half of the server with it.
  const archive = place.isDirectory()
    ? await (await import('./zip-folder.js')).zipFolder(path)
    : await readFile(path);
  const form = new FormData();
  const given = name ?? (place.isDirectory() ? basename(resolve(path)) : undefined);
  if (given !== undefined) form.set('name', given);
  if (note !== undefined) form.set('note', note);
  form.set('archive', new Blob([new Uint8Array(archive)]), 'folder.zip');
  return form;
}
