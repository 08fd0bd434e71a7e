import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { connect } from '../client/connect.js';
import type { AgentListShape, AgentResolutionShape, StoredAgentShape } from '@app/contracts';
import { packFolder } from '../pack-folder.js';
import { stripControls, toJsonLine } from '../render/strip-controls.js';
import { table } from '../render/table.js';
import { addValidate } from './agent-validate.js';
import { addVersions } from './agent-versions.js';

const at = (name: string): string => `/api/agents/${encodeURIComponent(name)}`;

export function addAgents(program: Command): void {
  const agents = program.command('agents').description('the agents that tasks can be given to');
  agents
    .command('list')
    .description('list them')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const { items, index_rebuilt_at } = await (await connect(command)).get<AgentListShape>('/api/agents');
      if (json) return void process.stdout.write(toJsonLine(items));
      const rows = items.map(({ name, source, overrides, description, problem }) => [
        name,
        overrides ? `${source}, overrides ${overrides}` : source,
        problem ? `cannot be used: ${problem}` : (description ?? null),
      ]);
      process.stdout.write(table(['NAME', 'SOURCE', 'DESCRIPTION'], rows));
      if (index_rebuilt_at)
        process.stderr.write(`The index was lost or damaged and was made again at ${index_rebuilt_at}.\n`);
    });
  agents
    .command('show <name>')
    .description('what a task for it would run with')
    .option('--json', 'as JSON')
    .action(async (name: string, { json }: { json?: boolean }, command: Command) => {
      const client = await connect(command);
      const agent = await client.get<AgentResolutionShape>(`${at(name)}/resolution`);
      if (json) return void process.stdout.write(toJsonLine(agent));
      const { claude_md } = await client.get<StoredAgentShape>(at(name));
      process.stdout.write(stripControls(describe(agent)) + `\n${stripControls(claude_md).trimEnd()}\n`);
    });
  agents
    .command('upload <folder>')
    .description(
      'store a folder (or a zip archive) with a CLAUDE.md as an agent; one of that name is replaced',
    )
    .option('--name <name>', 'another name than that of the folder')
    .option('--note <text>', 'why, for the list of versions')
    .action(async (folder: string, options: { name?: string; note?: string }, command: Command) => {
      const form = await packFolder(folder, options);
      const stored = await (await connect(command)).sendForm<StoredAgentShape>('/api/agents/upload', form);
      const beside = stored.overrides ? ` It overrides the ${stored.overrides} one.` : '';
      process.stdout.write(`Stored ${stored.name}, version ${stored.digest.slice(0, 12)}.${beside}\n`);
    });
  agents
    .command('export <name>')
    .description('download it as a zip archive, which `upload` takes again')
    .option('-o, --output <file>', 'where to; <name>.zip otherwise')
    .action(async (name: string, { output }: { output?: string }, command: Command) => {
      const archive = await (await connect(command)).download(`${at(name)}/export`);
      const file = output ?? `${name}.zip`;
      await writeFile(file, archive);
      process.stdout.write(`Wrote ${file} (${archive.length} bytes).\n`);
    });
  agents
    .command('copy <name> [new-name]')
    .description('make one of your own of any agent, under the same name to override a built-in one')
    .action(async (name: string, newName: string | undefined, _options: object, command: Command) => {
      const body = newName === undefined ? {} : { name: newName };
      const copy = await (await connect(command)).post<StoredAgentShape>(`${at(name)}/copy`, body);
      process.stdout.write(`Copied ${name} to ${copy.name}.\n`);
    });
  agents
    .command('delete <name>')
    .description('delete one of yours; its versions stay')
    .action(async (name: string, _options: object, command: Command) => {
      await (await connect(command)).delete(at(name));
      process.stdout.write(`Deleted ${name}. \`claude-agent agents rollback\` brings it back.\n`);
    });
  addVersions(agents);
  addValidate(agents);
}

function describe({
  name,
  source,
  overrides,
  folder,
  digest,
  skills,
  settings,
  problem,
}: AgentResolutionShape) {
  const shown = Object.entries(settings).map(([key, value]) => {
    const text = Array.isArray(value) ? value.join(', ') : String(value ?? '');
    return `  ${key.padEnd(17)} ${text === '' ? '-' : text}\n`;
  });
  const skillLines = skills.map((skill) => {
    const hides = skill.shadows.length > 0 ? `, hides the one of: ${skill.shadows.join(', ')}` : '';
    return `  ${skill.name} (${skill.source}${hides})${skill.problem ? `: left out, ${skill.problem}` : ''}\n`;
  });
  return [
    `${name}\n`,
    ...(problem ? [`  cannot be used: ${problem}\n`] : []),
    `  source            ${source}${overrides ? `, overrides ${overrides}` : ''}\n`,
    `  folder            ${folder}\n`,
    `  version           ${digest.slice(0, 12)}\n`,
    ...shown,
    skills.length > 0 ? 'skills\n' : '',
    ...skillLines,
  ].join('');
}
