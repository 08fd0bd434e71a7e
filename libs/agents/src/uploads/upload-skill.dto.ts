import { ApiExtraModels, ApiPropertyOptional, getSchemaPath, OmitType } from '@nestjs/swagger';
import { IsObject, IsOptional, IsString } from 'class-validator';
import { FileContentDto } from './file-content.js';
import { NoteDto } from './note.dto.js';

/**
 * As JSON with `files` or `skill_md`, or as a form (`multipart/form-data`) with a zip archive in the field `archive`,
 * where only `name` and `note` may stand beside it.
 */
@ApiExtraModels(FileContentDto)
export class UploadSkillDto extends NoteDto {
  /** 1 to 63 lower-case letters, digits and dashes. A shared skill of that name is replaced. */
  @IsOptional()
  @IsString()
  name?: string;

  /** Relative path → its text, or an object with `text` or `base64`; `SKILL.md` must be among them. */
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { oneOf: [{ type: 'string' }, { $ref: getSchemaPath(FileContentDto) }] },
  })
  @IsOptional()
  @IsObject()
  files?: Record<string, unknown>;

  /** Short for `files: {"SKILL.md": …}`. */
  @IsOptional()
  @IsString()
  skill_md?: string;
}

/** The same for a skill whose name is in the address. */
export class ReplaceSkillDto extends OmitType(UploadSkillDto, ['name'] as const) {}

/** A skill inside of something else. */
export class SkillContentDto extends OmitType(UploadSkillDto, ['name', 'note'] as const) {}
