import { ApiExtraModels, ApiPropertyOptional, getSchemaPath, OmitType } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsOptional, IsString, ValidateNested } from 'class-validator';
import { NoteDto } from './note.dto.js';
import { SkillContentDto } from './upload-skill.dto.js';

/** A skill that comes with the agent: its files, or only its SKILL.md. */
export class UploadedSkillDto extends SkillContentDto {
  /** Lower-case letters, digits and dashes. */
  @IsString()
  name: string;
}

/**
 * As JSON, or as a form (`multipart/form-data`) with a zip archive in the field `archive`, where only `name` and
 * `note` may stand beside it.
 */
@ApiExtraModels(UploadedSkillDto)
export class UploadAgentDto extends NoteDto {
  /**
   * 1 to 63 lower-case letters, digits and dashes. An agent of that name is replaced. An archive in which everything
   * lies in one folder needs no name: the folder has it.
   */
  @IsOptional()
  @IsString()
  name?: string;

  /** The text of CLAUDE.md: optional YAML front matter, then the instructions. Up to 256 kB. Needed in JSON. */
  @IsOptional()
  @IsString()
  claude_md?: string;

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

/** The same for an agent whose name is in the address. */
export class ReplaceAgentDto extends OmitType(UploadAgentDto, ['name'] as const) {}

function namesToSkills({ value }: { value: unknown }): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((item: unknown) =>
    typeof item === 'string' ? Object.assign(new UploadedSkillDto(), { name: item }) : item,
  );
}
