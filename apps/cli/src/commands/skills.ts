import type { Command } from 'commander';
import { connect } from '../client/connect.js';
import type { PageShape, SkillShape } from '@app/contracts';
import { packFolder } from '../pack-folder.js';
import { stripControls, toJsonLine } from '../render/strip-controls.js';
import { table } from '../render/table.js';
import { addressOf } from './folder-kind.js';
import { addStoredFolder } from './stored-folder.js';

export function addSkills(program: Command): void {
  const skills = program.command('skills').description('the skills that all agents share');
  skills
    .command('list')
    .description('list them')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const { items } = await (await connect(command)).get<PageShape<SkillShape>>('/api/skills');
      if (json) return void process.stdout.write(toJsonLine(items));
      const rows = items.map(({ name, source, shadows, description, problem }) => [
        name,
        shadows.length > 0 ? `${source}, hides ${shadows.join(', ')}` : source,
        problem ? `cannot be used: ${problem}` : description,
      ]);
      process.stdout.write(table(['NAME', 'SOURCE', 'DESCRIPTION'], rows));
    });
  skills
    .command('show <name>')
    .description('its files and its SKILL.md')
    .option('--json', 'as JSON')
    .action(async (name: string, { json }: { json?: boolean }, command: Command) => {
      const skill = await (await connect(command)).get<SkillShape>(addressOf('skills', name));
      if (json) return void process.stdout.write(toJsonLine(skill));
      const rows = skill.files.map(({ path, size }) => [path, size]);
      process.stdout.write(table(['FILE', 'BYTES'], rows));
      const main = skill.files.find(({ path }) => path === 'SKILL.md')?.content ?? '';
      process.stdout.write(`\n${stripControls(main).trimEnd()}\n`);
    });
  skills
    .command('upload <folder>')
    .description(
      'store a folder (or a zip archive) with a SKILL.md for all agents; one of that name is replaced',
    )
    .option('--name <name>', 'another name than that of the folder')
    .option('--note <text>', 'why, for the list of versions')
    .action(async (folder: string, options: { name?: string; note?: string }, command: Command) => {
      const form = await packFolder(folder, options);
      const stored = await (await connect(command)).sendForm<SkillShape>('/api/skills/upload', form);
      const hides = stored.shadows.length > 0 ? ` It hides the ${stored.shadows.join(', ')} one.` : '';
      process.stdout.write(`Stored ${stored.name} for all agents.${hides}\n`);
    });
  addStoredFolder(skills, 'skills');
}
