import { readFolder, summarise, zipBytes } from '@app/agents';
import { CliError } from './cli-error.js';

/** A folder as a zip archive, without what begins with a dot. Throws `CliError`. */
export async function zipFolder(folder: string): Promise<Buffer> {
  const { files, findings } = await readFolder(folder);
  if (findings.length > 0) throw new CliError(`${folder} cannot be sent. ${summarise(findings) ?? ''}`);
  if (files.size === 0) throw new CliError(`${folder} has no files.`);
  return zipBytes(files);
}
