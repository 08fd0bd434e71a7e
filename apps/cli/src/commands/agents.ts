import type { Command } from 'commander';
import { connect } from '../client/connect.js';
import type { AgentListShape, AgentResolutionShape, StoredAgentShape } from '@app/contracts';
import { packFolder } from '../pack-folder.js';
import { stripControls, toJsonLine } from '../render/strip-controls.js';
import { table } from '../render/table.js';
import { addressOf } from './folder-kind.js';
import { addStoredFolder } from './stored-folder.js';

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
      const agent = await client.get<AgentResolutionShape>(`${addressOf('agents', name)}/resolution`);
      if (json) return void process.stdout.write(toJsonLine(agent));
      const { claude_md } = await client.get<StoredAgentShape>(addressOf('agents', name));
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
  addStoredFolder(agents, 'agents');
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
