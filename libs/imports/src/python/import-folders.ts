import { readFile } from 'node:fs/promises';
import { readFolder, type AgentUploads, type SkillUploads, type UserFolders } from '@app/agents';
import type { Caller } from '@app/auth';
import { AppError } from '@app/contracts';
import { isSafeName } from '@app/storage';
import type { ImportedKind, ImportReport } from '../import-report.js';
import type { OldFolder } from './old-folder.js';
import { toAgent, toName } from './to-agent.js';

/** By whom the versions of what is imported were made. */
const IMPORTER: Caller = { key_id: 'import', name: 'import', role: 'operator', via: 'bearer' };

export interface Uploads {
  agents: AgentUploads;
  skills: SkillUploads;
  folders: UserFolders;
}

/** Skills first: an agent may count on them. What users have here by the same name stays as it is. */
export async function importFolders(old: OldFolder, uploads: Uploads, report: ImportReport): Promise<void> {
  const author = { caller: IMPORTER, note: 'imported from the earlier system' };
  for (const { name, path } of old.skills) {
    await each(report.skills, uploads.folders, 'skills', name, async (safe) => {
      const { files } = await readFolder(path);
      await uploads.skills.upload({ name: safe }, files, author);
    });
  }
  for (const { name, path } of old.agentFolders) {
    await each(report.agents, uploads.folders, 'agents', name, async (safe) => {
      const { files } = await readFolder(path);
      await uploads.agents.upload({ name: safe }, files, author);
    });
  }
  for (const { name, path } of old.agentFiles) {
    await each(report.agents, uploads.folders, 'agents', name, async (safe) => {
      const { claudeMd, dropped } = toAgent(await readFile(path, 'utf8'));
      await uploads.agents.upload({ name: safe, claude_md: claudeMd }, null, author);
      if (dropped.length > 0)
        report.notes.push(
          `The agent ${safe} lost ${dropped.join(', ')} of its front matter: no such setting here.`,
        );
    });
  }
}

async function each(
  kind: ImportedKind,
  folders: UserFolders,
  what: 'agents' | 'skills',
  name: string,
  upload: (safe: string) => Promise<void>,
): Promise<void> {
  const safe = isSafeName(name) ? name : toName(name);
  try {
    if (isSafeName(safe) && (await folders.read(what, safe)) !== null) {
      kind.present += 1;
      return;
    }
    await upload(safe);
    kind.imported += 1;
  } catch (error) {
    // Full disks and bugs end the import; what is wrong with one agent does not.
    if (!(error instanceof AppError) || error.code.startsWith('STORAGE')) throw error;
    kind.skipped.push({ name, why: error.message });
  }
}
