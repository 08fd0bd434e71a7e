import type { Command } from 'commander';
import { connect } from '../client/connect.js';
import type { VersionDiffShape, VersionListShape } from '@app/contracts';
import { stripControls, toJsonLine } from '../render/strip-controls.js';
import { table } from '../render/table.js';
import { addressOf, type FolderKind } from './folder-kind.js';

export function addVersions(parent: Command, kind: FolderKind): void {
  const at = (name: string): string => `${addressOf(kind, name)}/versions`;
  parent
    .command('versions <name>')
    .description('what it was, who changed it, when and why')
    .option('--json', 'as JSON')
    .action(async (name: string, { json }: { json?: boolean }, command: Command) => {
      const { items, current } = await (await connect(command)).get<VersionListShape>(at(name));
      if (json) return void process.stdout.write(toJsonLine(items));
      // Newest first: a version that was restored is in the list twice, and is what the newer line made it.
      const newest = current === null ? -1 : items.findIndex(({ digest }) => digest === current);
      const rows = items.map((version, index) => [
        version.digest?.slice(0, 12) ?? null,
        index === newest ? `${version.change} (current)` : version.change,
        version.at,
        version.by,
        version.files,
        version.note,
      ]);
      process.stdout.write(table(['VERSION', 'CHANGE', 'AT', 'KEY', 'FILES', 'NOTE'], rows));
    });
  parent
    .command('diff <name> <from> <to>')
    .description('compare two versions, by their digests or the first 8 characters of them')
    .action(async (name: string, from: string, to: string, _options: object, command: Command) => {
      const path = `${at(name)}/${encodeURIComponent(from)}/diff/${encodeURIComponent(to)}`;
      const { items } = await (await connect(command)).get<VersionDiffShape>(path);
      if (items.length === 0) process.stderr.write('They are the same.\n');
      for (const { path: file, change, patch } of items) {
        process.stdout.write(patch === null ? `${file} ${change}, and is not text\n` : stripControls(patch));
      }
    });
  parent
    .command('rollback <name> <version>')
    .description('make a version the current one again')
    .option('--note <text>', 'why, for the list of versions')
    .action(async (name: string, version: string, options: { note?: string }, command: Command) => {
      const path = `${at(name)}/${encodeURIComponent(version)}/restore`;
      const { current } = await (await connect(command)).post<VersionListShape>(path, options);
      process.stdout.write(
        `${name} is version ${current?.slice(0, 12) ?? '-'} again. Runs that began go on as they were.\n`,
      );
    });
}
