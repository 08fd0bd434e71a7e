import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { join } from 'node:path';
import { AgentCatalog, type LoadedAgent } from '@app/agents';
import type { RunSpec } from '@app/engines';
import { eventsOf, openBench, type Bench } from '../engines/bench-of-runs.js';
import { makeFolders, skillMd, startAgents, writeFiles, type Folders } from './agents-fixture.js';

describe('the real engine', () => {
  let folders: Folders;
  let module: TestingModule;
  let catalog: AgentCatalog;
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
    folders = await makeFolders();
    await writeFiles(folders.dataDir, {
      'config/skills/shared/SKILL.md': skillMd('shared', 'Shared'),
      'config/skills/code-review/SKILL.md': skillMd('code-review', 'Of the user', 'REVIEW OF THE USER'),
      'config/agents/mine/CLAUDE.md': '---\ndescription: Mine.\nallowed_tools: [Bash]\n---\nYou are mine.',
      'config/agents/mine/agents/sneaky.md': '---\nname: sneaky\ndescription: x\n---\nx',
      'config/agents/mine/skills/own/SKILL.md': skillMd('own', 'Own'),
      'config/agents/1st/CLAUDE.md': 'Begins with a digit.',
    });
    module = await startAgents(folders);
    catalog = module.get(AgentCatalog);
  });

  afterAll(async () => {
    await module.close();
    await bench.close();
  });

  const specOf = (agent: LoadedAgent): Partial<RunSpec> => ({
    instructions: agent.instructions,
    pluginDirs: agent.pluginDirs,
    subagents: agent.subagents,
    permissionMode: agent.permissionMode,
    allowedTools: agent.allowedTools,
    disallowedTools: agent.disallowedTools,
  });
  const ours = (skills: readonly string[]) => skills.filter((skill) => skill.includes(':')).sort();

  it('sees exactly the skills that win, under the name of the agent', async () => {
    const agent = await catalog.loadAgent('mine');
    const { events, end } = await bench.run('SCENARIO:skill[mine:code-review]', specOf(agent));
    expect(end.outcome).toEqual({ kind: 'success' });
    expect(ours(eventsOf(events, 'init')[0]?.skills ?? [])).toEqual([
      'mine:code-review',
      'mine:own',
      'mine:shared',
    ]);
    expect(eventsOf(events, 'tool.finished')).toMatchObject([{ isError: false }]);
    expect(agent.pluginDirs[0]).toContain(join(folders.dataDir, 'cache'));
  });

  it('lets the brain delegate to every agent, with the skills they bring', async () => {
    const brain = await catalog.loadAgent(null);
    const { events, end } = await bench.run('SCENARIO:agent[mine]', specOf(brain));
    expect(end.outcome).toEqual({ kind: 'success' });
    expect(ours(eventsOf(events, 'init')[0]?.skills ?? [])).toEqual([
      'brain:code-review',
      'brain:shared',
      'mine:own',
    ]);
    expect(eventsOf(events, 'text').filter(({ parent }) => parent !== undefined)).toHaveLength(1);
    expect(brain.warnings).toEqual([expect.stringContaining('1st')]);
  });
});
