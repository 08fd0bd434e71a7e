import { plainToInstance, Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  validateSync,
} from 'class-validator';
import {
  DEFAULT_PERMISSION_MODE,
  PERMISSION_MODES,
  type AgentSettings,
  type PermissionMode,
} from './agent.js';
import type { Finding } from '../folders/finding.js';
import { forbiddenKeys } from '../folders/forbidden-settings.js';
import { splitToolList, TOOL_RULE } from './tool-rules.js';

/** No stricter and no laxer than the engine's own: what is stored can be run. */
const MODEL = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}(\[[A-Za-z0-9]{1,16}\])?$/;
const NOT_A_TOOL =
  'must be names of tools such as Read or rules such as Bash(npm test:*), without commas inside';

/** A list, or one line with commas as Claude Code writes it. */
const Tools = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? splitToolList(value) : value));

/** The keys that the front matter of an agent's CLAUDE.md may have; all are optional. */
class AgentFrontMatter {
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  @Matches(/^[^\p{Cc}]+$/u, { message: 'must be one line of text' })
  description?: string;

  @IsOptional()
  @Matches(MODEL, { message: 'must be a model name such as sonnet or claude-sonnet-4-5' })
  model?: string;

  @IsOptional()
  @IsIn(PERMISSION_MODES, { message: `must be one of ${PERMISSION_MODES.join(', ')}` })
  permission_mode?: PermissionMode;

  @IsOptional()
  @Tools()
  @IsArray({ message: NOT_A_TOOL })
  @ArrayMaxSize(200)
  @Matches(TOOL_RULE, { each: true, message: NOT_A_TOOL })
  allowed_tools?: string[];

  @IsOptional()
  @Tools()
  @IsArray({ message: NOT_A_TOOL })
  @ArrayMaxSize(200)
  @Matches(TOOL_RULE, { each: true, message: NOT_A_TOOL })
  disallowed_tools?: string[];

  @IsOptional()
  @IsInt({ message: 'must be a whole number from 1 to 10000' })
  @Min(1)
  @Max(10_000)
  max_turns?: number;

  @IsOptional()
  @IsNumber({}, { message: 'must be a number of US dollars from 0.0001 to 10000' })
  @Min(0.0001)
  @Max(10_000)
  max_cost_usd?: number;

  @IsOptional()
  @IsInt({ message: 'must be a whole number from 1 to 5' })
  @Min(1)
  @Max(5)
  max_attempts?: number;
}

const KEYS: Record<keyof AgentFrontMatter, true> = {
  description: true,
  model: true,
  permission_mode: true,
  allowed_tools: true,
  disallowed_tools: true,
  max_turns: true,
  max_cost_usd: true,
  max_attempts: true,
};

/** Reads the settings of an agent; what is wrong comes back as findings, with the defaults in its place. */
export function readAgentSettings(values: Record<string, unknown>): {
  settings: AgentSettings;
  findings: Finding[];
} {
  const known = Object.fromEntries(Object.entries(values).filter(([key]) => Object.hasOwn(KEYS, key)));
  const read = plainToInstance(AgentFrontMatter, known);
  const findings = [...forbiddenKeys(values), ...unknownKeys(values), ...wrongValues(read)];
  if (findings.length > 0) return { settings: settingsOf(new AgentFrontMatter()), findings };
  return { settings: settingsOf(read), findings };
}

function settingsOf(read: AgentFrontMatter): AgentSettings {
  return {
    description: read.description?.trim() || null,
    // Claude Code's word for "the model of whoever calls", which is what no model means here.
    model: read.model && read.model !== 'inherit' ? read.model : null,
    permissionMode: read.permission_mode ?? DEFAULT_PERMISSION_MODE,
    allowedTools: read.allowed_tools ?? [],
    disallowedTools: read.disallowed_tools ?? [],
    maxTurns: read.max_turns ?? null,
    maxCostUsd: read.max_cost_usd ?? null,
    maxAttempts: read.max_attempts ?? null,
  };
}

function unknownKeys(values: Record<string, unknown>): Finding[] {
  const forbidden = new Set(forbiddenKeys(values).map(({ field }) => field));
  return Object.keys(values)
    .filter((key) => !Object.hasOwn(KEYS, key) && !forbidden.has(key))
    .map((key) => ({
      code: 'UNKNOWN_KEY',
      field: key.slice(0, 64),
      message: `is not known; the keys are ${Object.keys(KEYS).join(', ')}`,
    }));
}

function wrongValues(read: AgentFrontMatter): Finding[] {
  return validateSync(read).map((problem) => ({
    code: 'BAD_VALUE',
    field: problem.property,
    message: Object.values(problem.constraints ?? {})
      .map((text) =>
        text.startsWith(`${problem.property} `) ? text.slice(problem.property.length + 1) : text,
      )
      .join(', '),
  }));
}
