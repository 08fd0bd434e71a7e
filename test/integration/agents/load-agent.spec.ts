import { chmod, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { AgentCatalog } from '@app/agents';
import { makeFolders, skillMd, startAgents, writeFiles, type Folders } from './agents-fixture.js';

describe('loading an agent for a run', () => {
  let folders: Folders;
  let module: TestingModule;
  let catalog: AgentCatalog;
  const userAgents = () => join(folders.dataDir, 'config/agents');

  beforeEach(async () => {
    folders = await makeFolders();
    module = await startAgents(folders);
    catalog = module.get(AgentCatalog);
  });

  afterEach(() => module.close());

  it('takes the brain when no agent is named, and when it is named', async () => {
    for (const name of [null, 'brain']) {
      await expect(catalog.loadAgent(name)).resolves.toMatchObject({
        name: 'brain',
        source: 'brain',
        description: 'Thinks first.',
        instructions: 'You are the brain.',
        folder: folders.appDir,
      });
    }
  });

  it('never takes the brain for a name it does not know', async () => {
    await expect(catalog.loadAgent('nobody')).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' });
    await expect(catalog.assertExists('nobody')).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' });
  });

  it.each(['../planning', '..%2fx', 'Planning', 'con', '.', '--help'])(
    'refuses the name %j',
    async (name) => {
      await expect(catalog.loadAgent(name)).rejects.toMatchObject({ code: 'INVALID_NAME' });
    },
  );

  it('prefers the agent of the user and says what it overrides', async () => {
    await writeFiles(userAgents(), { 'planning/CLAUDE.md': 'My own planner.' });
    await expect(catalog.loadAgent('planning')).resolves.toMatchObject({
      source: 'user',
      instructions: 'My own planner.',
    });
    expect((await catalog.get('planning')).place).toMatchObject({ source: 'user', overrides: 'builtin' });
  });

  it('does not fall back to the built-in agent when the one of the user is damaged', async () => {
    await writeFiles(userAgents(), { 'planning/CLAUDE.md': '---\nmodel: [\n---\nx' });
    await expect(catalog.loadAgent('planning')).rejects.toMatchObject({ code: 'INVALID_AGENT' });
  });

  it('reads the settings of the front matter', async () => {
    await writeFiles(userAgents(), {
      'x/CLAUDE.md':
        '---\nmodel: opus\npermission_mode: dontAsk\nallowed_tools: Read, Bash(git log:*)\nmax_turns: 7\nmax_cost_usd: 1.5\nmax_attempts: 4\n---\nDo it.',
    });
    await expect(catalog.loadAgent('x')).resolves.toMatchObject({
      model: 'opus',
      permissionMode: 'dontAsk',
      allowedTools: ['Read', 'Bash(git log:*)'],
      disallowedTools: [],
      maxTurns: 7,
      maxCostUsd: 1.5,
      maxAttempts: 4,
      subagents: [],
    });
  });

  it('lets an agent without front matter work on files and do nothing else unasked', async () => {
    await expect(catalog.loadAgent('executor')).resolves.toMatchObject({
      permissionMode: 'acceptEdits',
      allowedTools: [],
      model: null,
      maxTurns: null,
      maxAttempts: 2,
      description: 'You carry out plans.',
    });
  });

  it('expands imports from the folder of the agent and from nowhere else', async () => {
    await writeFiles(userAgents(), {
      'x/CLAUDE.md': 'Begin\n@docs/rules.md\nSee @docs/more.md. Uses @anthropic-ai/sdk.',
      'x/docs/rules.md': 'The rules.',
      'x/docs/more.md': 'More of it.',
    });
    const { instructions } = await catalog.loadAgent('x');
    expect(instructions).toBe(
      'Begin\nThe rules.\nSee @docs/more.md. Uses @anthropic-ai/sdk.\n\nContents of docs/more.md:\n\nMore of it.',
    );
    await writeFiles(userAgents(), { 'y/CLAUDE.md': 'Begin\n@../../../credentials/master.key' });
    await expect(catalog.loadAgent('y')).rejects.toMatchObject({ code: 'INVALID_AGENT' });
  });

  it('refuses links in the folder of an agent, and an agent that is a link', async () => {
    await writeFiles(folders.dataDir, { 'secret.md': 'SECRET' });
    await writeFiles(userAgents(), { 'x/CLAUDE.md': '@notes.md' });
    await symlink(join(folders.dataDir, 'secret.md'), join(userAgents(), 'x/notes.md'));
    await symlink('/etc', join(userAgents(), 'linked'));
    await expect(catalog.loadAgent('x')).rejects.toMatchObject({ code: 'INVALID_AGENT' });
    await expect(catalog.loadAgent('linked')).rejects.toMatchObject({ code: 'INVALID_AGENT' });
    const problems = Object.fromEntries(
      (await catalog.list()).map(({ place, problem }) => [place.name, problem]),
    );
    expect(problems).toMatchObject({
      brain: null,
      planning: null,
      x: expect.stringContaining('symbolic links'),
      linked: expect.stringContaining('symbolic links'),
    });
  });

  it('has the same digest for the same files, and another one for others', async () => {
    await writeFiles(userAgents(), { 'a/CLAUDE.md': 'Same.', 'a/skills/s/SKILL.md': skillMd('s', 'S') });
    await writeFiles(userAgents(), { 'b/skills/s/SKILL.md': skillMd('s', 'S'), 'b/CLAUDE.md': 'Same.' });
    const [a, b] = [await catalog.loadAgent('a'), await catalog.loadAgent('b')];
    expect(a.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(b.digest).toBe(a.digest);
    await writeFile(join(userAgents(), 'b/skills/s/SKILL.md'), skillMd('s', 'T'));
    expect((await catalog.loadAgent('b')).digest).not.toBe(a.digest);
  });

  it('gives the brain every other usable agent as a subagent', async () => {
    await writeFiles(userAgents(), {
      'mine/CLAUDE.md': '---\ndescription: Mine.\nmodel: haiku\n---\nI am yours.',
      'mine/skills/own/SKILL.md': skillMd('own', 'Own'),
      'broken/CLAUDE.md': '---\nnonsense: 1\n---\nx',
    });
    const brain = await catalog.loadAgent(null);
    expect(brain.subagents.map(({ name }) => name)).toEqual(['executor', 'mine', 'planning']);
    expect(brain.subagents).toContainEqual({
      name: 'planning',
      description: 'Plans.',
      prompt: 'You plan.',
      allowedTools: ['Read', 'Glob', 'Grep', 'Skill'],
      disallowedTools: ['Edit'],
    });
    expect(brain.subagents).toContainEqual({
      name: 'mine',
      description: 'Mine.',
      prompt: 'I am yours.',
      model: 'haiku',
      allowedTools: ['Read', 'Glob', 'Grep', 'Skill', 'Edit', 'Write', 'NotebookEdit'],
    });
    expect(brain.warnings).toEqual([expect.stringContaining('broken')]);
    expect(await skillsIn(brain.pluginDirs)).toEqual(['brain:code-review', 'mine:own']);
  });

  describe('its skills', () => {
    beforeEach(async () => {
      await writeFiles(folders.appDir, { 'skills/shared/SKILL.md': skillMd('shared', 'Built-in') });
      await writeFiles(join(folders.dataDir, 'config/skills'), {
        'shared/SKILL.md': skillMd('shared', 'From the user', 'USER VERSION'),
        'code-review/SKILL.md': skillMd('code-review', 'From the user'),
      });
      await writeFiles(userAgents(), {
        'x/CLAUDE.md': 'Do it.',
        'x/agents/sneaky.md': 'must not become a subagent',
        'x/skills/code-review/SKILL.md': skillMd('code-review', 'Own', 'OWN VERSION'),
        'x/skills/code-review/scripts/run.sh': '#!/bin/sh\n',
      });
      await chmod(join(userAgents(), 'x/skills/code-review/scripts/run.sh'), 0o755);
    });

    it('are its own, then those of the user, then the built-in ones', async () => {
      expect(
        (await catalog.get('x')).skills.map(({ name, source, shadows }) => ({ name, source, shadows })),
      ).toEqual([
        { name: 'code-review', source: 'agent', shadows: ['user', 'builtin'] },
        { name: 'shared', source: 'user', shadows: ['builtin'] },
      ]);
    });

    it('are copied into a plugin folder that holds nothing else', async () => {
      const { pluginDirs } = await catalog.loadAgent('x');
      const [folder = ''] = pluginDirs;
      expect(await filesIn(folder)).toEqual([
        '.claude-plugin/plugin.json',
        'skills/code-review/SKILL.md',
        'skills/code-review/scripts/run.sh',
        'skills/shared/SKILL.md',
      ]);
      expect(await readFile(join(folder, 'skills/code-review/SKILL.md'), 'utf8')).toContain('OWN VERSION');
      expect(await readFile(join(folder, 'skills/shared/SKILL.md'), 'utf8')).toContain('USER VERSION');
      expect(await skillsIn(pluginDirs)).toEqual(['x:code-review', 'x:shared']);
    });

    it('stay as they are for a run that began before they were changed', async () => {
      const before = await catalog.loadAgent('x');
      await writeFile(
        join(userAgents(), 'x/skills/code-review/SKILL.md'),
        skillMd('code-review', 'Own', 'NEW'),
      );
      const after = await catalog.loadAgent('x');
      expect(after.pluginDirs).not.toEqual(before.pluginDirs);
      const kept = join(before.pluginDirs[0] ?? '', 'skills/code-review/SKILL.md');
      expect(await readFile(kept, 'utf8')).toContain('OWN VERSION');
    });

    it('share one folder among runs that start together', async () => {
      const loaded = await Promise.all(Array.from({ length: 8 }, () => catalog.loadAgent('x')));
      expect(new Set(loaded.flatMap(({ pluginDirs }) => pluginDirs)).size).toBe(1);
      expect(await readdir(join(folders.dataDir, 'cache/plugins'))).toHaveLength(1);
    });

    it('are put right when somebody changed the copy', async () => {
      const [folder = ''] = (await catalog.loadAgent('x')).pluginDirs;
      await writeFile(join(folder, 'skills/shared/SKILL.md'), 'evil');
      await writeFiles(folder, { 'hooks/hooks.json': '{}' });
      expect((await catalog.loadAgent('x')).pluginDirs).toEqual([folder]);
      expect(await readFile(join(folder, 'skills/shared/SKILL.md'), 'utf8')).toContain('USER VERSION');
      expect(await filesIn(folder)).not.toContain('hooks/hooks.json');
    });

    it('leave out a shared skill that is damaged, and say so', async () => {
      await writeFile(join(folders.dataDir, 'config/skills/shared/SKILL.md'), 'no front matter');
      const loaded = await catalog.loadAgent('x');
      expect(loaded.warnings).toEqual([expect.stringContaining('shared')]);
      expect(await skillsIn(loaded.pluginDirs)).toEqual(['x:code-review']);
    });

    it('are swept away a month after their last use', async () => {
      const [folder = ''] = (await catalog.loadAgent('x')).pluginDirs;
      const longAgo = new Date(Date.now() - 31 * 86_400_000);
      await utimes(folder, longAgo, longAgo);
      await module.close();
      module = await startAgents(folders);
      await expect(readdir(join(folders.dataDir, 'cache/plugins'))).resolves.toEqual([]);
    });
  });

  it('writes nothing into the image', async () => {
    const before = await filesIn(folders.appDir);
    await catalog.loadAgent(null);
    expect(await filesIn(folders.appDir)).toEqual(before);
  });

  it('reports the brain as damaged when the image has none', async () => {
    await rm(join(folders.appDir, '.claude'), { recursive: true });
    await expect(catalog.loadAgent(null)).rejects.toMatchObject({ code: 'INVALID_AGENT' });
    await mkdir(join(folders.appDir, '.claude'));
    expect((await catalog.list())[0]).toMatchObject({ problem: expect.stringContaining('CLAUDE.md') });
  });
});

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

async function skillsIn(pluginDirs: string[]): Promise<string[]> {
  const names = await Promise.all(
    pluginDirs.map(async (folder) => {
      const manifest = await readFile(join(folder, '.claude-plugin/plugin.json'), 'utf8');
      const name = /"name":"([^"]+)"/.exec(manifest)?.[1] ?? basename(folder);
      return (await readdir(join(folder, 'skills'))).map((skill) => `${name}:${skill}`);
    }),
  );
  return names.flat().sort();
}
