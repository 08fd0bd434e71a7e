import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { AgentCatalog } from '@app/agents';
import { tempDataDir } from '../../support/temp-folder.js';
import { startAgents } from './agents-fixture.js';

const WRITING = ['Edit', 'Write', 'NotebookEdit', 'Bash'];

describe('what comes with the program', () => {
  let module: TestingModule;
  let catalog: AgentCatalog;

  beforeAll(async () => {
    module = await startAgents({ appDir: resolve('.'), dataDir: await tempDataDir() });
    catalog = module.get(AgentCatalog);
  });

  afterAll(() => module.close());

  it('is the brain, a planner and an executor, all without a problem', async () => {
    const agents = await catalog.list();
    expect(agents.map(({ place, problem }) => [place.name, problem])).toEqual([
      ['brain', null],
      ['executor', null],
      ['planning', null],
    ]);
    for (const { skills, settings } of agents) {
      expect(skills.map(({ name, findings }) => [name, findings])).toEqual([
        ['code-review', []],
        ['test-runner', []],
      ]);
      expect(settings.description).not.toBeNull();
    }
  });

  it('never asks anybody anything', async () => {
    for (const { settings } of await catalog.list()) {
      expect(settings.disallowedTools).toEqual(expect.arrayContaining(['AskUserQuestion', 'EnterPlanMode']));
      expect(settings.permissionMode).not.toBe('bypassPermissions');
    }
  });

  it('lets the planner read and nothing else, also when the brain asks it', async () => {
    const planner = await catalog.loadAgent('planning');
    expect(planner.disallowedTools).toEqual(expect.arrayContaining(WRITING));
    const { subagents } = await catalog.loadAgent(null);
    const delegated = subagents.find(({ name }) => name === 'planning');
    for (const tool of WRITING) expect(delegated?.allowedTools).not.toContain(tool);
  });

  it('lets the executor and the brain change files and run commands', async () => {
    for (const name of ['executor', null]) {
      const agent = await catalog.loadAgent(name);
      expect(agent.permissionMode).toBe('acceptEdits');
      expect(agent.allowedTools).toEqual(expect.arrayContaining(['Read', ...WRITING]));
    }
  });

  it('gives the brain the others by description', async () => {
    const { subagents, warnings } = await catalog.loadAgent(null);
    expect(subagents.map(({ name }) => name)).toEqual(['executor', 'planning']);
    expect(warnings).toEqual([]);
  });
});
