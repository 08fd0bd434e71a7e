import { IsOptional, IsString, Length, Matches } from 'class-validator';

export class CreateSessionDto {
  /** What people see in lists. */
  @IsOptional()
  @IsString()
  @Length(1, 255)
  title?: string;

  /** The agent of the session's tasks, where a task names none. */
  @IsOptional()
  @Matches(/^[a-z0-9][a-z0-9-]{0,62}$/, {
    message: 'agent must be a name of small letters, digits and dashes',
  })
  agent?: string;
}

export class RenameSessionDto {
  @IsString()
  @Length(1, 255)
  title: string;
}
