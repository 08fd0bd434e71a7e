import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import { connect } from '../client/connect.js';
import type { CheckShape } from '@app/contracts';
import { packFolder } from '../pack-folder.js';
import { stripControls, toJsonLine } from '../render/strip-controls.js';
import type { FolderKind } from './folder-kind.js';

export function addValidate(parent: Command, kind: FolderKind): void {
  parent
    .command('validate <folder>')
    .description(
      'say what an upload of the folder would meet, with lines; exit code 1 when it would be refused',
    )
    .option('--name <name>', 'another name than that of the folder')
    .option('--json', 'as JSON')
    .action(async (folder: string, options: { name?: string; json?: boolean }, command: Command) => {
      const form = await packFolder(folder, options.name === undefined ? {} : { name: options.name });
      const check = await (await connect(command)).sendForm<CheckShape>(`/api/${kind}/validate`, form);
      if (options.json) process.stdout.write(toJsonLine(check));
      else process.stdout.write(check.findings.map(lineOf).join('') || 'Nothing to find: it is fine.\n');
      if (!check.ok) throw new CliError('An upload would be refused. Mend the errors above first.');
    });
}

/** As compilers write it, so that editors find the place. */
function lineOf({ level, file, line, code, message }: CheckShape['findings'][number]): string {
  const place = file === null ? '' : `${file}${line === null ? '' : `:${line}`}: `;
  return stripControls(`${place}${level}: ${message} [${code}]`).replace(/\n/g, ' ') + '\n';
}
