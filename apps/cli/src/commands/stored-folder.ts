import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { connect } from '../client/connect.js';
import { addressOf, type FolderKind } from './folder-kind.js';
import { addValidate } from './validate.js';
import { addVersions } from './versions.js';

/** What can be done with a stored agent and with a stored skill alike. */
export function addStoredFolder(parent: Command, kind: FolderKind): void {
  parent
    .command('export <name>')
    .description('download it as a zip archive, which `upload` takes again')
    .option('-o, --output <file>', 'where to; <name>.zip otherwise')
    .action(async (name: string, { output }: { output?: string }, command: Command) => {
      const archive = await (await connect(command)).download(`${addressOf(kind, name)}/export`);
      const file = output ?? `${name}.zip`;
      await writeFile(file, archive);
      process.stdout.write(`Wrote ${file} (${archive.length} bytes).\n`);
    });
  parent
    .command('copy <name> [new-name]')
    .description('make one of your own of any, under the same name to take the place of a built-in one')
    .action(async (name: string, newName: string | undefined, _options: object, command: Command) => {
      const body = newName === undefined ? {} : { name: newName };
      const copy = await (
        await connect(command)
      ).post<{ name: string }>(`${addressOf(kind, name)}/copy`, body);
      process.stdout.write(`Copied ${name} to ${copy.name}.\n`);
    });
  parent
    .command('delete <name>')
    .description('delete one of yours; its versions stay')
    .action(async (name: string, _options: object, command: Command) => {
      await (await connect(command)).delete(addressOf(kind, name));
      process.stdout.write(`Deleted ${name}. \`claude-agent ${kind} rollback\` brings it back.\n`);
    });
  addVersions(parent, kind);
  addValidate(parent, kind);
}
