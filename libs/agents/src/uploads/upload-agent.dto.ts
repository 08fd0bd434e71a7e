import { ApiExtraModels, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';

/** A skill that comes with the agent: its files, or only its SKILL.md. */
export class UploadedSkillDto {
  /** Lower-case letters, digits and dashes. */
  @IsString()
  name: string;

  /** Relative path → text; `SKILL.md` must be among them. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  @IsOptional()
  @IsObject()
  files?: Record<string, unknown>;

  /** Short for `files: {"SKILL.md": …}`. */
  @IsOptional()
  @IsString()
  skill_md?: string;
}

@ApiExtraModels(UploadedSkillDto)
export class UploadAgentDto {
  /** 1 to 63 lower-case letters, digits and dashes. An agent of that name is replaced. */
  @IsString()
  name: string;

  /** The text of CLAUDE.md: optional YAML front matter, then the instructions. Up to 256 kB. */
  @IsString()
  claude_md: string;

  /** Skills that come with the agent; a bare name only demands that a shared skill of that name exists. */
  @ApiPropertyOptional({
    type: 'array',
    items: { oneOf: [{ type: 'string' }, { $ref: getSchemaPath(UploadedSkillDto) }] },
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => UploadedSkillDto)
  @Transform(namesToSkills)
  skills?: UploadedSkillDto[];
}

function namesToSkills({ value }: { value: unknown }): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((item: unknown) =>
    typeof item === 'string' ? Object.assign(new UploadedSkillDto(), { name: item }) : item,
  );
}
