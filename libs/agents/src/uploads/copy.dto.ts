import { IsOptional, IsString } from 'class-validator';
import { NoteDto } from './note.dto.js';

export class CopyDto extends NoteDto {
  /** The name of the copy. Without it a built-in one is copied under its own name, which overrides it. */
  @IsOptional()
  @IsString()
  name?: string;
}
