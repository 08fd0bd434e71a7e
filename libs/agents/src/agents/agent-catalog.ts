import { Injectable } from '@nestjs/common';
import { AppError } from '@app/contracts';
import { defineAgent, describeAgent, type AgentDefinition } from './agent-definition.js';
import { AgentFolders, type AgentPlace } from './agent-folders.js';
import { BRAIN, type LoadedAgent, type Subagent } from './agent.js';
import { detailsOf, summarise, type Finding } from '../folders/finding.js';
import { LoadedAgents } from '../loading/loaded-agents.js';
import { PluginFolders } from '../loading/plugin-folders.js';
import { attemptsPolicy, type AttemptsPolicy } from './reach.js';
import { SkillCatalog, visibleSkills, type VisibleSkill } from '../skills/skill-catalog.js';
import { RunVersions } from './run-versions.js';
import { toolsOfSubagent } from './tool-rules.js';

/** An agent as it lies on the disk, usable or not. */
export interface Agent extends AgentDefinition {
  place: AgentPlace;
  description: string;
  /** What a run of it sees; damaged ones are among them. */
  skills: VisibleSkill[];
  /** One line; null when the agent can be used. */
  problem: string | null;
}

/** All agents: what there is, and what a run needs to know. What is on the disk decides, so it is never stale. */
@Injectable()
export class AgentCatalog {
  constructor(
    private readonly folders: AgentFolders,
    private readonly skills: SkillCatalog,
    private readonly plugins: PluginFolders,
    private readonly loaded: LoadedAgents,
    private readonly versions: RunVersions,
  ) {}

  /** Throws `AGENT_NOT_FOUND` or `INVALID_NAME`; null means the brain, which always exists. */
  async assertExists(name: string | null): Promise<void> {
    await this.folders.locate(name);
  }

  /** The brain first, then by name. A damaged agent is listed with its problem. */
  async list(): Promise<Agent[]> {
    const shared = await this.skills.shared();
    const places = await this.folders.all();
    return Promise.all(places.map((place) => this.read(place, shared)));
  }

  /** Throws `AGENT_NOT_FOUND` or `INVALID_NAME`. */
  async get(name: string | null): Promise<Agent> {
    return this.read(await this.folders.locate(name), await this.skills.shared());
  }

  /**
   * What execution needs to run the agent; null is the brain. Writes the plugin folders of its skills.
   * Throws `AGENT_NOT_FOUND`, or `INVALID_AGENT` with the findings as details.
   */
  async loadAgent(name: string | null): Promise<LoadedAgent> {
    await this.assertExists(name);
    const agent = await this.loaded.get(name, () => this.prepare(name));
    await this.versions.noteUse(agent.name, agent.digest);
    return agent;
  }

  private async prepare(name: string | null): Promise<LoadedAgent> {
    const agent = await this.get(name);
    const { place, settings } = agent;
    if (agent.problem !== null) throw invalidAgent(place.name, agent.findings);
    const usable = agent.skills.filter((skill) => skill.findings.length === 0);
    const others = place.name === BRAIN ? await this.others() : [];
    const team = await this.team(others);
    await this.versions.noteLoaded(place, agent.files);
    return {
      ...settings,
      maxAttempts: attemptsOf(agent, others).maxAttempts,
      name: place.name,
      source: place.source,
      folder: place.folder,
      digest: agent.digest,
      instructions: agent.instructions,
      description: agent.description,
      pluginDirs: [...(await this.plugins.prepare(place.name, usable)), ...team.pluginDirs],
      subagents: team.subagents,
      warnings: [
        ...agent.skills
          .filter((skill) => skill.findings.length > 0)
          .map((skill) => `The skill ${skill.name} was left out: ${summarise(skill.findings)}`),
        ...team.warnings,
      ],
    };
  }

  /**
   * How often a task of the agent may be begun, and why. Throws `AGENT_NOT_FOUND` or `INVALID_NAME`; a damaged agent
   * has a policy too: that of its defaults.
   */
  async attemptsPolicy(agent: Agent): Promise<AttemptsPolicy> {
    return attemptsOf(agent, agent.place.name === BRAIN ? await this.others() : []);
  }

  private async others(): Promise<Agent[]> {
    return (await this.list()).filter((agent) => agent.place.name !== BRAIN);
  }

  /** Those that the brain can delegate to. The shared skills come with the brain; these bring their own. */
  private async team(
    others: readonly Agent[],
  ): Promise<{ subagents: Subagent[]; pluginDirs: string[]; warnings: string[] }> {
    const usable = others.filter((agent) => whyNoSubagent(agent) === null);
    const pluginDirs: string[] = [];
    for (const agent of usable) {
      pluginDirs.push(...(await this.plugins.prepare(agent.place.name, agent.ownSkills)));
    }
    return {
      subagents: usable.map(subagentOf),
      pluginDirs,
      warnings: others.flatMap((agent) => {
        const why = whyNoSubagent(agent);
        return why === null ? [] : [`The agent ${agent.place.name} was left out: ${why}`];
      }),
    };
  }

  private async read(place: AgentPlace, shared: Awaited<ReturnType<SkillCatalog['shared']>>): Promise<Agent> {
    const unreadable: Finding[] =
      place.problem === null ? [] : [{ code: 'NOT_A_FILE', field: place.name, message: place.problem }];
    const content =
      place.problem === null ? await this.folders.read(place) : { files: new Map(), findings: unreadable };
    const definition = defineAgent(content);
    const findings = place.problem === null ? definition.findings : unreadable;
    return {
      ...definition,
      findings,
      place,
      description: describeAgent(place.name, definition),
      skills: visibleSkills(definition.ownSkills, shared),
      problem: summarise(findings),
    };
  }
}

function invalidAgent(name: string, findings: readonly Finding[]): AppError {
  return new AppError('INVALID_AGENT', `The agent ${name} cannot be used. ${summarise(findings)}`, {
    details: detailsOf(findings),
  });
}

/** One bad name would make the engine refuse the whole run of the brain. */
function whyNoSubagent({ place, problem }: Agent): string | null {
  if (problem !== null) return problem;
  return /^[a-z]/.test(place.name)
    ? null
    : 'the engine takes only names that begin with a letter as subagents';
}

function attemptsOf(agent: Agent, others: readonly Agent[]): AttemptsPolicy {
  const team = others.filter((other) => whyNoSubagent(other) === null);
  return attemptsPolicy(
    agent.settings,
    team.map(({ place, settings }) => ({ name: place.name, ...settings })),
  );
}

function subagentOf({ place, description, instructions, settings }: Agent): Subagent {
  const allowedTools = toolsOfSubagent(settings.permissionMode, settings.allowedTools);
  return {
    name: place.name,
    description,
    prompt: instructions,
    ...(settings.model ? { model: settings.model } : {}),
    ...(allowedTools ? { allowedTools } : {}),
    ...(settings.disallowedTools.length > 0 ? { disallowedTools: settings.disallowedTools } : {}),
  };
}
