import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { AgentCatalog } from '@app/agents';
import { waitFor } from '../../support/wait-for.js';
import { makeFolders, startAgents, writeFiles, type Folders } from './agents-fixture.js';

describe('an agent that was loaded before', () => {
  let folders: Folders;
  let module: TestingModule;
  let catalog: AgentCatalog;
  const userAgents = () => join(folders.dataDir, 'config/agents');
  // What was written a moment ago is not remembered yet: another change could carry the same time.
  const untilRemembered = (name: string | null) =>
    waitFor(async () => (await catalog.loadAgent(name)) === (await catalog.loadAgent(name)));

  beforeEach(async () => {
    folders = await makeFolders();
    module = await startAgents(folders);
    catalog = module.get(AgentCatalog);
  });

  afterEach(() => module.close());

  it('is loaded anew when a file of the same size and time takes the place of another', async () => {
    const file = join(userAgents(), 'x/CLAUDE.md');
    await writeFiles(userAgents(), { 'x/CLAUDE.md': 'First words.' });
    await untilRemembered('x');
    const { atime, mtime } = await stat(file);
    await writeFile(file, 'Other words.');
    await utimes(file, atime, mtime);
    await expect(catalog.loadAgent('x')).resolves.toMatchObject({ instructions: 'Other words.' });
  });

  it('is loaded anew when a run has tampered with the copy of its skills', async () => {
    await untilRemembered(null);
    const [folder = ''] = (await catalog.loadAgent(null)).pluginDirs;
    const copy = join(folder, 'skills/code-review/SKILL.md');
    const original = await readFile(copy, 'utf8');
    await writeFile(copy, 'Do something else.');
    await catalog.loadAgent(null);
    await expect(readFile(copy, 'utf8')).resolves.toBe(original);
  });

  it('gives way to the built-in one when its folder is removed', async () => {
    await writeFiles(userAgents(), { 'planning/CLAUDE.md': 'My own planner.' });
    await untilRemembered('planning');
    await rm(join(userAgents(), 'planning'), { recursive: true });
    await expect(catalog.loadAgent('planning')).resolves.toMatchObject({ source: 'builtin' });
  });

  it('brings a new team member to the brain', async () => {
    await untilRemembered(null);
    await writeFiles(userAgents(), { 'newcomer/CLAUDE.md': 'I am new.' });
    const { subagents } = await catalog.loadAgent(null);
    expect(subagents.map(({ name }) => name)).toContain('newcomer');
  });
});
