import { ApiProperty } from '@nestjs/swagger';
import type { AgentResolutionShape } from '@app/contracts';
import type { Agent } from './agent-catalog.js';
import { AGENT_SOURCES, PERMISSION_MODES, type AgentSource, type PermissionMode } from './agent.js';
import { summarise } from '../folders/finding.js';
import type { AttemptsPolicy } from './reach.js';
import { SKILL_SOURCES, type SkillSource } from '../skills/skill.js';

/** Where a skill of a run comes from. */
export class ResolvedSkillView {
  name: string;

  @ApiProperty({ enum: SKILL_SOURCES })
  source: SkillSource;

  /** Where a skill of the same name is that this one hides. */
  @ApiProperty({ enum: SKILL_SOURCES, isArray: true })
  shadows: SkillSource[];

  /** Why the run does not get it; null when it does. */
  @ApiProperty({ type: String, nullable: true })
  problem: string | null;
}

/** The settings that a run begins with, defaults filled in. */
export class AgentSettingsView {
  @ApiProperty({ type: String, nullable: true })
  model: string | null;

  @ApiProperty({ enum: PERMISSION_MODES })
  permission_mode: PermissionMode;

  allowed_tools: string[];
  disallowed_tools: string[];

  @ApiProperty({ type: Number, nullable: true })
  max_turns: number | null;

  @ApiProperty({ type: Number, nullable: true })
  max_cost_usd: number | null;

  /** How often a task may be begun when its worker is lost, unless the task says so itself. */
  max_attempts: number;

  /** The rule that lets the agent change things outside its workspace; null when none does. */
  @ApiProperty({ type: String, nullable: true })
  reaches_outside: string | null;
}

/** What a task for this agent would run with, and why. */
export class AgentResolutionView implements AgentResolutionShape {
  name: string;

  @ApiProperty({ enum: AGENT_SOURCES })
  source: AgentSource;

  @ApiProperty({ enum: ['builtin'], nullable: true })
  overrides: 'builtin' | null;

  /** As in the documentation: `/data/config/agents/x`, `/app/agents/planning`, or `/app` for the brain. */
  folder: string;

  /** sha256 over the agent's own files; tasks keep it as `agent_digest`. */
  digest: string;

  skills: ResolvedSkillView[];
  settings: AgentSettingsView;

  @ApiProperty({ type: String, nullable: true })
  problem: string | null;

  static of(
    { place, digest, skills, settings, problem }: Agent,
    attempts: AttemptsPolicy,
  ): AgentResolutionView {
    return {
      name: place.name,
      source: place.source,
      overrides: place.overrides,
      folder: place.shownFolder,
      digest,
      skills: skills.map(({ name, source, shadows, findings }) => ({
        name,
        source,
        shadows,
        problem: summarise(findings),
      })),
      settings: {
        model: settings.model,
        permission_mode: settings.permissionMode,
        allowed_tools: settings.allowedTools,
        disallowed_tools: settings.disallowedTools,
        max_turns: settings.maxTurns,
        max_cost_usd: settings.maxCostUsd,
        max_attempts: attempts.maxAttempts,
        reaches_outside: attempts.reachesOutside,
      },
      problem,
    };
  }
}
