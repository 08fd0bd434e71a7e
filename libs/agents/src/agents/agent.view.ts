import { ApiProperty } from '@nestjs/swagger';
import type { AgentListShape, AgentShape, StoredAgentShape } from '@app/contracts';
import type { Agent } from './agent-catalog.js';
import type { RegistryEntry } from './agent-registry.js';
import { AGENT_SOURCES, PERMISSION_MODES, type AgentSource, type PermissionMode } from './agent.js';
import { SkillView } from '../skills/skill.view.js';

/** An agent in a list. */
export class AgentSummaryView implements AgentShape {
  name: string;
  description: string;

  @ApiProperty({ enum: AGENT_SOURCES })
  source: AgentSource;

  /** `builtin`: a user's agent stands in the place of the built-in one of the same name. */
  @ApiProperty({ enum: ['builtin'], nullable: true })
  overrides: 'builtin' | null;

  /** The names of all skills that a run of it sees. */
  skills: string[];

  @ApiProperty({ type: String, nullable: true })
  model: string | null;

  @ApiProperty({ enum: PERMISSION_MODES })
  permission_mode: PermissionMode;

  /** Why it cannot be used; null when it is fine. */
  @ApiProperty({ type: String, nullable: true })
  problem: string | null;

  static of({ place, description, skills, settings, problem }: Agent): AgentSummaryView {
    const { name, source, overrides } = place;
    const { model, permissionMode } = settings;
    return {
      name,
      description,
      source,
      overrides,
      skills: skills.filter(({ findings }) => findings.length === 0).map((skill) => skill.name),
      model,
      permission_mode: permissionMode,
      problem,
    };
  }
}

export class AgentListView implements AgentListShape {
  /** The brain, then by name. */
  items: AgentSummaryView[];

  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;

  /**
   * When the index /data/registry/agents.json was found lost or damaged since the start and was made again from the
   * folders; null when it never was.
   */
  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  index_rebuilt_at: string | null;

  static of(agents: readonly Agent[], rebuiltAt: string | null): AgentListView {
    return { items: agents.map(AgentSummaryView.of), next_cursor: null, index_rebuilt_at: rebuiltAt };
  }
}

/** An agent with all its text. */
export class AgentView implements StoredAgentShape {
  name: string;
  description: string;

  @ApiProperty({ enum: AGENT_SOURCES })
  source: AgentSource;

  @ApiProperty({ enum: ['builtin'], nullable: true })
  overrides: 'builtin' | null;

  @ApiProperty({ type: String, nullable: true })
  model: string | null;

  @ApiProperty({ enum: PERMISSION_MODES })
  permission_mode: PermissionMode;

  /** The whole file, front matter included. */
  claude_md: string;

  skills: SkillView[];

  /** sha256 over the agent's own files. */
  digest: string;

  /** Null for agents that were not uploaded. */
  @ApiProperty({ type: String, nullable: true })
  uploaded_at: string | null;

  /** The id of the key that uploaded it. */
  @ApiProperty({ type: String, nullable: true })
  uploaded_by: string | null;

  @ApiProperty({ type: String, nullable: true })
  problem: string | null;

  static of(agent: Agent, entry: RegistryEntry | null): AgentView {
    const { name, description, source, overrides, model, permission_mode, problem } =
      AgentSummaryView.of(agent);
    return {
      name,
      description,
      source,
      overrides,
      model,
      permission_mode,
      claude_md: agent.claudeMd,
      skills: agent.skills.map((skill) => SkillView.of(skill)),
      digest: agent.digest,
      uploaded_at: entry?.uploaded_at ?? null,
      uploaded_by: entry?.uploaded_by ?? null,
      problem,
    };
  }
}
