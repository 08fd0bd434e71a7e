import { ApiProperty } from '@nestjs/swagger';
import type { CredentialShape, CredentialVerdictShape } from '@app/contracts';
import { CREDENTIAL_ACTIONS, type CredentialAction } from './credential-audit.js';
import { VERDICTS, type Verdict } from './credential-health.js';
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

  /** Which of several: `default` unless another label was chosen. */
  label: string;

  @ApiProperty({ enum: CREDENTIAL_KINDS })
  kind: CredentialKind;

  /** The last four characters, for instance `…x7Qa`. */
  masked: string;

  @ApiProperty({ enum: CREDENTIAL_SOURCES })
  source: CredentialSource;

  /** Higher is used first; those of the same priority take turns. */
  @ApiProperty({ type: 'integer' })
  priority: number;

  /** The account that a token of Jira belongs to. */
  @ApiProperty({ type: String, nullable: true })
  email: string | null;

  /** Null for the one of the environment. */
  @ApiProperty({ type: String, nullable: true })
  created_at: string | null;

  /** The name of the API key that stored it; null where nobody wrote it down. */
  @ApiProperty({ type: String, nullable: true })
  created_by: string | null;

  /** To the minute; null before the first use. */
  @ApiProperty({ type: String, nullable: true })
  last_used_at: string | null;

  @ApiProperty({ enum: CREDENTIAL_STATUSES })
  status: CredentialStatus;

  /** When its usage limit ends; null when none is known. */
  @ApiProperty({ type: String, nullable: true })
  limited_until: string | null;

  /** Since when the provider refuses it; null when it does not. */
  @ApiProperty({ type: String, nullable: true })
  invalid_since: string | null;

  /** When it was last checked with its provider on request. */
  @ApiProperty({ type: String, nullable: true })
  last_verified_at: string | null;

  /** What that check said. */
  @ApiProperty({ enum: VERDICTS, nullable: true })
  last_verdict: Verdict | null;
}

export class CredentialListView {
  /** By provider, in the order of use. */
  items: CredentialView[];
}

/** What the provider says about a credential, in our words. */
export class CredentialVerdictView implements CredentialVerdictShape {
  provider: string;
  label: string;

  @ApiProperty({ enum: VERDICTS })
  verdict: Verdict;

  @ApiProperty({ type: String, nullable: true })
  limited_until: string | null;

  checked_at: string;

  /** What it means and what to do. */
  message: string;
}

export class CredentialAuditEntryView {
  at: string;

  @ApiProperty({ enum: CREDENTIAL_ACTIONS })
  action: CredentialAction;

  /** The name and id of an API key, or the user of the command line. */
  by: string;

  @ApiProperty({ type: String, nullable: true })
  provider: string | null;

  @ApiProperty({ type: String, nullable: true })
  label: string | null;

  @ApiProperty({ type: String, nullable: true })
  credential_id: string | null;
}

export class CredentialAuditView {
  /** The last 200, newest first. */
  items: CredentialAuditEntryView[];
}
