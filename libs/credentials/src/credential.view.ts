import { ApiProperty } from '@nestjs/swagger';
import type { CredentialShape } from '@app/contracts';
import {
  CREDENTIAL_KINDS,
  CREDENTIAL_SOURCES,
  CREDENTIAL_STATUSES,
  type CredentialKind,
  type CredentialSource,
  type CredentialStatus,
} from './credential.js';

/** A credential as everybody may see it. The secret is never given out again. */
export class CredentialView implements CredentialShape {
  provider: string;

  @ApiProperty({ enum: CREDENTIAL_KINDS })
  kind: CredentialKind;

  /** The last four characters, for instance `…x7Qa`. */
  masked: string;

  @ApiProperty({ enum: CREDENTIAL_SOURCES })
  source: CredentialSource;

  /** Null for the one of the environment. */
  @ApiProperty({ type: String, nullable: true })
  created_at: string | null;

  /** To the minute; null before the first use. */
  @ApiProperty({ type: String, nullable: true })
  last_used_at: string | null;

  @ApiProperty({ enum: CREDENTIAL_STATUSES })
  status: CredentialStatus;
}

export class CredentialListView {
  /** In the order of use. */
  items: CredentialView[];
}
