import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';

export class NoteDto {
  /** Why it was changed: one line, kept with the version. */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  @Matches(/^[^\p{Cc}]*$/u, { message: 'note must be one line of text' })
  note?: string;
}
