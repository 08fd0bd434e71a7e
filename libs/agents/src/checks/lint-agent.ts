import { describeHiding, lintSkill } from './lint-skill.js';
import type { AgentDefinition } from '../agents/agent-definition.js';
import type { Finding } from '../folders/finding.js';
import { readFrontMatter } from '../folders/front-matter.js';
import type { Skill } from '../skills/skill.js';
import { judgeTool, nearestTool } from './known-tools.js';

const CLAUDE_MD = 'CLAUDE.md';
/** From here on Claude Code itself warns that a CLAUDE.md makes it slower. */
const LONG_INSTRUCTIONS = 40_000;

/** What can be stored and run, and is probably not what its author meant. */
export function lintAgent(definition: AgentDefinition, shared: readonly Skill[]): Finding[] {
  const { lines, bodyLine, values, findings: unreadable } = readFrontMatter(definition.claudeMd);
  const { settings, instructions, ownSkills } = definition;
  const findings: Finding[] = [
    ...lintTools('allowed_tools', settings.allowedTools, lines),
    ...lintTools('disallowed_tools', settings.disallowedTools, lines),
  ];
  // Not asked of the settings: beside a mistake in another key they are all at their defaults.
  if (unreadable.length === 0 && saysNothing(values.description)) {
    findings.push({
      code: 'DESCRIPTION_MISSING',
      field: 'description',
      message: 'is missing: the brain chooses whom to delegate to by this line',
      line: 1,
    });
  }
  if (instructions.length > LONG_INSTRUCTIONS) {
    findings.push({
      code: 'LONG_TEXT',
      field: 'instructions',
      message: `are ${instructions.length} characters with their imports; over ${LONG_INSTRUCTIONS} they cost in every turn. Move parts into skills`,
      line: bodyLine,
    });
  }
  return [
    ...findings.map((finding) => ({ ...finding, file: CLAUDE_MD })),
    ...definition.hints,
    ...ownSkills.flatMap((skill) => [
      ...describeHiding(skill, shared),
      ...lintSkill(skill).map((finding) => ({ ...finding, file: `skills/${skill.name}/${finding.file}` })),
    ]),
  ];
}

function saysNothing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function lintTools(key: string, rules: readonly string[], lines: ReadonlyMap<string, number>): Finding[] {
  return rules.flatMap((rule): Finding[] => {
    const verdict = judgeTool(rule);
    if (verdict === 'known') return [];
    const line = lines.get(key) ?? 1;
    if (verdict === 'withheld') {
      const message = `${rule} reaches beyond its run, so no run gets it`;
      return [{ code: 'WITHHELD_TOOL', field: key, message, line }];
    }
    const nearest = nearestTool(rule);
    const hint = nearest === null ? '; MCP tools are called mcp__server__tool' : `; did you mean ${nearest}?`;
    return [{ code: 'UNKNOWN_TOOL', field: key, message: `${rule} is no tool of Claude Code${hint}`, line }];
  });
}
