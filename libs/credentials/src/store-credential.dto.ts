import { ApiProperty } from '@nestjs/swagger';
import { IsEmail, IsIn, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { LABEL_FORM } from './credential-ref.js';
import { PROVIDERS, type Provider } from './credential.js';

/** One of `api_key`, `oauth_token` and `token`. */
export class StoreCredentialDto {
  @ApiProperty({ enum: PROVIDERS, required: false, default: 'claude' })
  @IsOptional()
  @IsIn(PROVIDERS)
  provider?: Provider;

  /** Which of several; the one stored under the same label is replaced. */
  @ApiProperty({ type: String, required: false, default: 'default', pattern: LABEL_FORM.source })
  @IsOptional()
  @Matches(LABEL_FORM, {
    message: 'label must be 1 to 32 small letters, digits and dashes, such as second, and no key',
  })
  label?: string;

  /** Higher is used first; those of the same priority take turns. Without it, as it was, else 0. */
  @ApiProperty({ type: 'integer', minimum: -100, maximum: 100, required: false })
  @IsOptional()
  @IsInt()
  @Min(-100)
  @Max(100)
  priority?: number;

  /** A Claude API key: `sk-ant-api…`. */
  @ApiProperty({ type: String, required: false, writeOnly: true })
  @IsOptional()
  @IsString()
  api_key?: string;

  /** A token of a Claude subscription, as `claude setup-token` prints it: `sk-ant-oat…`. */
  @ApiProperty({ type: String, required: false, writeOnly: true })
  @IsOptional()
  @IsString()
  oauth_token?: string;

  /** A token of GitHub or Jira. */
  @ApiProperty({ type: String, required: false, writeOnly: true })
  @IsOptional()
  @IsString()
  token?: string;

  /** The account that a token of Jira Cloud belongs to; else JIRA_EMAIL. */
  @ApiProperty({ type: String, required: false })
  @IsOptional()
  @IsEmail()
  email?: string;
}
