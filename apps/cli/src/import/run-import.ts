import { resolve } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { AgentsModule, AgentUploads, SkillUploads, UserFolders } from '@app/agents';
import { loadSettings, type Settings } from '@app/config';
import { importPythonSystem, type ImportReport } from '@app/imports';
import { makeFolder, Paths } from '@app/paths';
import { enterAlone } from '@app/storage';
import { showReport } from './show-report.js';

export async function runImport(folder: string, options: { json?: boolean }): Promise<void> {
  const settings = loadSettings();
  const paths = new Paths(settings);
  makeFolder(paths.data);
  const alone = await enterAlone(settings, paths);
  try {
    const report = await importInto(settings, resolve(folder));
    process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : showReport(report));
  } finally {
    await alone.release();
  }
}

/** The part of the service that checks agents, keeps their versions and the registry, without the rest of it. */
async function importInto(settings: Settings, folder: string): Promise<ImportReport> {
  const service = await NestFactory.createApplicationContext(AgentsModule.for(settings), {
    logger: ['error'],
    abortOnError: false,
  });
  try {
    return await importPythonSystem(folder, settings, {
      agents: service.get(AgentUploads),
      skills: service.get(SkillUploads),
      folders: service.get(UserFolders),
    });
  } finally {
    await service.close();
  }
}
