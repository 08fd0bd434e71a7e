import type { RunSpec } from '../agent-engine.js';
import { hostMark } from './host-mark.js';

export type HostEnv = Readonly<Record<string, string | undefined>>;

/** What a run may know of the service's own environment; anything else could be a secret of the service. */
const PASSED_ON = [
  ...['PATH', 'HOME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TERM', 'TZ', 'TMPDIR'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  // Says that the machine is a disposable sandbox; without it root may not use bypassPermissions.
  'IS_SANDBOX',
];

/** With these, the only network connection of a run goes to the model API. */
const QUIET = {
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
  DISABLE_AUTOUPDATER: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
};

export const RUN_MARKER = 'AGENT_RUN_ID';
/** The service process that owns the run. */
export const HOST_MARKER = 'AGENT_HOST_PROCESS';
export const CONFIG_DIR = 'CLAUDE_CONFIG_DIR';

/** The descriptor on which the engine process finds its credential. */
export const CREDENTIAL_FD = 3;

/**
 * The complete environment of an engine process. The credential is not in it: a tool that runs `env`, or reads the
 * environment of its parent under /proc, would see it. It goes through a pipe whose number is given here.
 * (CLAUDE_CODE_SUBPROCESS_ENV_SCRUB is no way out: with CLI 2.1.330 it demands bubblewrap, forces the permission mode
 * to `default`, and creates empty files such as package.json in the workspace.)
 */
export function runEnvironment(spec: RunSpec, hostEnv: HostEnv): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = hostEnv[name];
    if (value !== undefined) env[name] = value;
  }
  const credentialVariable =
    spec.credential.kind === 'api_key'
      ? 'CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR'
      : 'CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR';
  return {
    ...env,
    ...QUIET,
    [RUN_MARKER]: spec.runId,
    [HOST_MARKER]: hostMark(),
    [CONFIG_DIR]: spec.configDir,
    [credentialVariable]: String(CREDENTIAL_FD),
    ...(spec.baseUrl === undefined ? {} : { ANTHROPIC_BASE_URL: spec.baseUrl }),
    CLAUDE_CODE_MAX_RETRIES: '4',
    // A memory shared by all conversations of a config dir would carry things from one user's task to another's.
    CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
  };
}
