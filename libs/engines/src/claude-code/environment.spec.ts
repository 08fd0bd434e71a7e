import { describe, expect, it } from '@jest/globals';
import type { RunSpec } from '../agent-engine.js';
import { runEnvironment } from './environment.js';

const spec = {
  runId: 'run-1',
  configDir: '/data/claude',
  credential: { kind: 'oauth_token', secret: 'the-secret' },
} satisfies Partial<RunSpec>;

const environmentOf = (
  hostEnv: Record<string, string>,
  more: Partial<RunSpec> = {},
): Record<string, string> => runEnvironment(JSON.parse(JSON.stringify({ ...spec, ...more })), hostEnv);

describe('the environment of a run', () => {
  it('has what a program needs of the host, and nothing else of it', () => {
    const env = environmentOf({
      PATH: '/bin',
      HTTPS_PROXY: 'http://proxy',
      DATABASE_URL: 'postgres://user:pass@db',
      ANTHROPIC_API_KEY: 'of the service',
      NODE_OPTIONS: '--inspect',
    });
    expect(env).toMatchObject({ PATH: '/bin', HTTPS_PROXY: 'http://proxy', DISABLE_TELEMETRY: '1' });
    expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['DATABASE_URL']));
    expect(env).not.toHaveProperty('ANTHROPIC_API_KEY');
    expect(env).not.toHaveProperty('NODE_OPTIONS');
  });

  it('names the pipe with the credential, and not the credential', () => {
    const env = environmentOf({}, { baseUrl: 'http://gateway' });
    expect(env).toMatchObject({
      CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR: '3',
      ANTHROPIC_BASE_URL: 'http://gateway',
      AGENT_RUN_ID: 'run-1',
      CLAUDE_CONFIG_DIR: '/data/claude',
    });
    expect(JSON.stringify(env)).not.toContain('the-secret');
  });
});
