import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString } from 'class-validator';
import { PROVIDERS, type Provider } from './credential.js';

/** One of `api_key` and `oauth_token`. */
export class StoreCredentialDto {
  @ApiProperty({ enum: PROVIDERS, required: false, default: 'claude' })
  @IsOptional()
  @IsIn(PROVIDERS)
  provider?: Provider;

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
}
