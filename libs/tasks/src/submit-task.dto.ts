import { Type } from 'class-transformer';
import {
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';

const AGENT_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const MODEL_NAME = /^[A-Za-z0-9][\w.:@/[\]-]{0,127}$/;

export class TaskLimitsDto {
  /** How many turns of the model the task may take. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(10_000)
  max_turns?: number;

  /** US dollars; checked after each call to the model, so the last call may go over. */
  @IsOptional()
  @IsNumber()
  @Min(0.0001)
  @Max(10_000)
  max_cost_usd?: number;

  /** Wall clock in seconds. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(604_800)
  timeout_seconds?: number;

  /** How long Claude Code may say nothing, in seconds; four times as long while a tool runs. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(86_400)
  idle_seconds?: number;

  /** How often the task may be put off when Claude is overloaded, limits requests or cannot be reached; 0 fails it at once. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(100)
  max_deferrals?: number;
}

export class SubmitTaskDto {
  /** What is to be done; up to 1 MB. */
  @IsString()
  @MinLength(1, { message: 'prompt must not be empty' })
  @Matches(/\S/, { message: 'prompt must not be blank' })
  prompt: string;

  /** Name of an agent; the brain when absent. */
  @IsOptional()
  @Matches(AGENT_NAME, { message: 'agent must be a name of small letters, digits and dashes' })
  agent?: string;

  /** A session to go on with; a new one is made when absent. */
  @IsOptional()
  @Matches(/^[\w-]{1,64}$/, { message: 'session_id must be an id that POST or GET /api/sessions gave' })
  session_id?: string;

  @IsOptional()
  @Matches(MODEL_NAME, { message: 'model must be a model name such as claude-sonnet-4-5' })
  model?: string;

  /** −100 to 100; higher runs sooner. */
  @IsOptional()
  @IsInt()
  @Min(-100)
  @Max(100)
  priority?: number;

  /** How often the task may be begun when its worker is lost; the agent decides when absent. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(5)
  max_attempts?: number;

  @IsOptional()
  @ValidateNested()
  @Type(() => TaskLimitsDto)
  limits?: TaskLimitsDto;

  /** Kept with the task and given back; up to 16 kB of JSON. */
  @IsOptional()
  @IsObject()
  metadata?: Record<string, unknown>;
}

export class GiveInputDto {
  /** A message for the running task. */
  @IsString()
  @Matches(/\S/, { message: 'text must not be blank' })
  @MaxLength(100_000)
  text: string;
}
