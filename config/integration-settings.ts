import { IsEmail, IsInt, IsOptional, Max, MaxLength, Min, MinLength } from 'class-validator';
import { httpUrl, wholeNumber } from './parse-values.js';
import { Setting } from './setting.js';

const MAX_SECRET = 4096;
/** GitHub advises a long random secret; anything shorter than this can be guessed. */
const MIN_WEBHOOK_SECRET = 16;

/** Accounts and secrets of the systems outside. Stored credentials and webhook files come before them. */
export class IntegrationSettings {
  @Setting({
    env: 'CREDENTIAL_CHECK_SECONDS',
    doc: 'How long the check of a credential waits for the answer of its provider.',
    parse: wholeNumber,
  })
  @IsInt()
  @Min(1)
  @Max(60)
  credentialCheckSeconds = 10;

  @Setting({
    env: 'GITHUB_WEBHOOK_SECRET',
    doc: 'Secret that signs what GitHub sends; at least 16 characters. For the webhooks, which are not there yet.',
    secret: true,
    shownDefault: 'none',
  })
  @IsOptional()
  @MinLength(MIN_WEBHOOK_SECRET)
  @MaxLength(MAX_SECRET)
  githubWebhookSecret: string | null = null;

  @Setting({
    env: 'GITHUB_TOKEN',
    doc: 'Token for the GitHub API that serves when none is stored. For the webhooks, which are not there yet.',
    secret: true,
    shownDefault: 'none',
  })
  @IsOptional()
  @MaxLength(MAX_SECRET)
  githubToken: string | null = null;

  @Setting({
    env: 'GITHUB_API_URL',
    doc: 'Address of the GitHub API; another one for GitHub Enterprise.',
    fromFile: true,
    parse: httpUrl,
  })
  githubApiUrl = 'https://api.github.com';

  @Setting({
    env: 'JIRA_WEBHOOK_SECRET',
    doc: 'Secret that signs what Jira sends; at least 16 characters. For the webhooks, which are not there yet.',
    secret: true,
    shownDefault: 'none',
  })
  @IsOptional()
  @MinLength(MIN_WEBHOOK_SECRET)
  @MaxLength(MAX_SECRET)
  jiraWebhookSecret: string | null = null;

  @Setting({
    env: 'JIRA_URL',
    doc: 'Address of the Jira site, such as `https://example.atlassian.net`.',
    shownDefault: 'none',
    fromFile: true,
    parse: httpUrl,
  })
  jiraUrl: string | null = null;

  @Setting({
    env: 'JIRA_EMAIL',
    doc: 'Account that the Jira token belongs to.',
    shownDefault: 'none',
    fromFile: true,
  })
  @IsOptional()
  @IsEmail({}, { message: 'must be an e-mail address' })
  jiraEmail: string | null = null;

  @Setting({
    env: 'JIRA_API_TOKEN',
    doc: 'Token for the Jira API that serves when none is stored. For the webhooks, which are not there yet.',
    secret: true,
    shownDefault: 'none',
  })
  @IsOptional()
  @MaxLength(MAX_SECRET)
  jiraApiToken: string | null = null;
}
