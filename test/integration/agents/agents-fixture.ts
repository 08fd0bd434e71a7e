import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import { AgentsModule } from '@app/agents';
import { loadSettings, type Settings } from '@app/config';
import { tempDataDir } from '../../support/temp-folder.js';

export interface Folders {
  appDir: string;
  dataDir: string;
}

/** An image with a brain, two agents and a skill, and an empty volume. */
export async function makeFolders(): Promise<Folders> {
  const appDir = await tempDataDir('app');
  await writeFiles(appDir, {
    '.claude/CLAUDE.md': '---\ndescription: Thinks first.\n---\nYou are the brain.\n',
    'agents/planning/CLAUDE.md':
      '---\ndescription: Plans.\npermission_mode: default\nallowed_tools: [Read]\ndisallowed_tools: [Edit]\n---\nYou plan.\n',
    'agents/executor/CLAUDE.md': 'You carry out plans.\n',
    'skills/code-review/SKILL.md': skillMd('code-review', 'Built-in review'),
  });
  return { appDir, dataDir: await tempDataDir() };
}

export function settingsFor(folders: Folders, env: Record<string, string> = {}): Settings {
  return loadSettings({ APP_DIR: folders.appDir, DATA_DIR: folders.dataDir, ...env });
}

export async function startAgents(folders: Folders): Promise<TestingModule> {
  const module = await Test.createTestingModule({
    imports: [AgentsModule.for(settingsFor(folders))],
  }).compile();
  return module.init();
}

export async function writeFiles(root: string, files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

export function skillMd(name: string, description: string, body = `Body of ${name}.`): string {
  return `---\nname: ${name}\ndescription: ${description}\n---\n${body}\n`;
}
