import { IsBase64, IsBoolean, IsOptional, IsString } from 'class-validator';
import { NoteDto } from './note.dto.js';

export class PutFileDto extends NoteDto {
  /** UTF-8. Send this or `base64`. */
  @IsOptional()
  @IsString()
  text?: string;

  /** For what is not text. */
  @IsOptional()
  @IsBase64()
  base64?: string;

  /** Without it: as it was, and for a new file whether it begins with `#!`. */
  @IsOptional()
  @IsBoolean()
  executable?: boolean;
}
