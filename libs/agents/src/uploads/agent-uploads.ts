import { Injectable, Logger } from '@nestjs/common';
import type { Caller } from '@app/auth';
import { AppError } from '@app/contracts';
import { assertSafeName, DataFiles, SerialByKey } from '@app/storage';
import { defineAgent, type AgentDefinition } from '../agents/agent-definition.js';
import { AgentFolders } from '../agents/agent-folders.js';
import { AgentRegistry } from '../agents/agent-registry.js';
import { BRAIN } from '../agents/agent.js';
import { summarise, type Finding } from '../folders/finding.js';
import { SkillCatalog } from '../skills/skill-catalog.js';
import type { UploadAgentDto } from './upload-agent.dto.js';
import { filesOfUpload } from './uploaded-files.js';

/** Stores and deletes the agents of users. An upload is checked whole before anything is written. */
@Injectable()
export class AgentUploads {
  private readonly logger = new Logger(AgentUploads.name);
  private readonly serial = new SerialByKey();

  constructor(
    private readonly files: DataFiles,
    private readonly folders: AgentFolders,
    private readonly registry: AgentRegistry,
    private readonly skills: SkillCatalog,
  ) {}

  /**
   * The folder of the agent afterwards holds this upload and nothing else; of two at once, one of them whole.
   * Throws `INVALID_NAME`, `NAME_CONFLICT`, `INVALID_AGENT` (with the findings), `FORBIDDEN_AGENT_SETTING`,
   * `PAYLOAD_TOO_LARGE`, `UNSAFE_PATH`. Returns whether an agent of that name was replaced.
   */
  async upload(wish: UploadAgentDto, caller: Caller): Promise<{ replaced: boolean }> {
    assertSafeName(wish.name, 'agent');
    if (wish.name === BRAIN) {
      throw new AppError(
        'NAME_CONFLICT',
        'The name brain belongs to the built-in brain. Choose another one.',
      );
    }
    const { files, reusedSkills } = filesOfUpload(wish);
    const definition = defineAgent({ files, findings: [] });
    refuse([...definition.findings, ...(await this.missing(reusedSkills))]);
    refuseBypass(definition, caller);
    return this.serial.run(wish.name, async () => {
      const folder = this.folders.userFolder(wish.name);
      const kind = await this.files.kindOf(folder);
      if (kind === 'other') {
        throw new AppError(
          'UNSAFE_PATH',
          'A symbolic link or a file is in the place of this agent. Delete it first.',
        );
      }
      await this.files.replaceFolder(
        folder,
        [...files].map(([path, file]) => ({
          path,
          content: file.content,
          mode: file.executable ? 0o755 : 0o644,
        })),
      );
      await this.registry.put(wish.name, {
        digest: definition.digest,
        uploaded_at: new Date().toISOString(),
        uploaded_by: caller.key_id,
      });
      const replaced = kind === 'folder';
      this.logger.log(`Agent ${wish.name} ${replaced ? 'replaced' : 'uploaded'} by key ${caller.key_id}`);
      return { replaced };
    });
  }

  /** Throws `INVALID_NAME`, `AGENT_NOT_FOUND` or `BUILT_IN_READ_ONLY`. Runs that use the agent go on. */
  async delete(name: string, caller: Caller): Promise<void> {
    assertSafeName(name, 'agent');
    await this.serial.run(name, async () => {
      if (name === BRAIN || !(await this.files.removeFolder(this.folders.userFolder(name)))) {
        const { source } = await this.folders.locate(name);
        throw new AppError('BUILT_IN_READ_ONLY', builtInMessage(name, source));
      }
      await this.registry.remove(name);
      this.logger.log(`Agent ${name} deleted by key ${caller.key_id}`);
    });
  }

  private async missing(names: readonly string[]): Promise<Finding[]> {
    if (names.length === 0) return [];
    const shared = new Set((await this.skills.shared()).map(({ name }) => name));
    return names
      .filter((name) => !shared.has(name))
      .map((name) => ({
        field: `skills: ${name}`,
        message: 'there is no shared skill of that name (SKILL_NOT_FOUND); GET /api/skills lists them',
      }));
  }
}

function refuse(findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  const details = findings.map(({ field, message }) => ({ field, message }));
  const code = findings.some(({ forbidden }) => forbidden) ? 'FORBIDDEN_AGENT_SETTING' : 'INVALID_AGENT';
  throw new AppError(code, `The agent was not stored. ${summarise(findings)}`, { details });
}

function refuseBypass({ settings }: AgentDefinition, caller: Caller): void {
  if (settings.permissionMode !== 'bypassPermissions' || caller.role === 'admin') return;
  const message =
    'bypassPermissions lets an agent do anything unasked; only an admin may upload such an agent';
  throw new AppError('FORBIDDEN_AGENT_SETTING', `The agent was not stored. permission_mode: ${message}.`, {
    details: [{ field: 'permission_mode', message }],
  });
}

function builtInMessage(name: string, source: string): string {
  return source === 'brain'
    ? 'The brain is part of the program and cannot be deleted.'
    : `The agent ${name} is part of the program and cannot be deleted. Upload an agent of that name to override it.`;
}
