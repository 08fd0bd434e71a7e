import { IsString, MaxLength } from 'class-validator';

export class LoginDto {
  /** An API key. */
  @IsString()
  @MaxLength(200)
  key: string;
}
