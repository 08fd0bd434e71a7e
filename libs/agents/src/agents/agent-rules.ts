import { Injectable } from '@nestjs/common';
import type { Caller } from '@app/auth';
import { AppError } from '@app/contracts';
import type { Finding } from '../folders/finding.js';
import type { FolderFiles } from '../folders/folder-files.js';
import type { FolderRules } from '../uploads/folder-changes.js';
import { newFindings, refuse } from '../uploads/refuse.js';
import { defineAgent } from './agent-definition.js';
import { AgentFolders } from './agent-folders.js';
import { BRAIN } from './agent.js';

/** What an agent of a user has to be. */
@Injectable()
export class AgentRules implements FolderRules {
  readonly kind = 'agents';

  constructor(private readonly folders: AgentFolders) {}

  check(name: string, files: FolderFiles, caller: Caller, before: FolderFiles | null): void {
    if (name === BRAIN) {
      throw new AppError(
        'NAME_CONFLICT',
        'The name brain belongs to the built-in brain. Choose another one.',
      );
    }
    refuse(this.kind, bypassFindings(files, caller));
    const known = before ? defineAgent({ files: before, findings: [] }).findings : [];
    refuse(this.kind, newFindings(defineAgent({ files, findings: [] }).findings, known));
  }

  async refuseMissing(name: string): Promise<never> {
    const { source } = await this.folders.locate(name);
    throw new AppError(
      'BUILT_IN_READ_ONLY',
      source === 'brain'
        ? 'The brain is part of the program and cannot be changed. Copy it under another name.'
        : `The agent ${name} is part of the program and cannot be changed. Copy it (POST /api/agents/${name}/copy) or upload one of that name to override it.`,
    );
  }
}

/** Only an admin may store an agent that does anything unasked, or change what such an agent is told. */
export function bypassFindings(files: FolderFiles, caller: Caller): Finding[] {
  const { settings } = defineAgent({ files, findings: [] });
  if (settings.permissionMode !== 'bypassPermissions' || caller.role === 'admin') return [];
  return [
    {
      code: 'FORBIDDEN_SETTING',
      field: 'permission_mode',
      message: 'bypassPermissions lets an agent do anything unasked; only an admin may store such an agent',
      file: 'CLAUDE.md',
      forbidden: true,
    },
  ];
}
