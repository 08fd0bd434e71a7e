import { readdir } from 'node:fs/promises';
import type { Settings } from '@app/config';
import { Paths } from '@app/paths';
import { checkPort } from '../../../api/src/start/check-port.js';
import { explainStartFailure } from '../../../api/src/start/explain-start-failure.js';
import { ApiClient } from '../client/api-client.js';
import type { WorkerShape, PageShape, CredentialShape } from '@app/contracts';
import { fail, ok, warn, type Finding } from './finding.js';

const LIMIT_MS = 5000;

/** What the server says of itself. Null: it was not allowed to tell, or could not. */
export type ServerState =
  | { reachable: false }
  | {
      reachable: true;
      ready: boolean;
      problem: string;
      credentials: CredentialShape[] | null;
      workers: WorkerShape[] | null;
    };

export async function askServer(url: string, key: string | null): Promise<ServerState> {
  let response: Response;
  try {
    response = await fetch(`${url}/api/health/ready`, { signal: AbortSignal.timeout(LIMIT_MS) });
  } catch {
    return { reachable: false };
  }
  const ready = response.status === 200;
  const body = await response.text();
  const problem = ready ? '' : messageIn(body);
  const [credentials, workers] = await Promise.all([
    itemsAt<CredentialShape>('/api/credentials', url, key),
    itemsAt<WorkerShape>('/api/workers', url, key),
  ]);
  return { reachable: true, ready, problem, credentials, workers };
}

async function itemsAt<T>(path: string, url: string, key: string | null): Promise<T[] | null> {
  if (key === null) return null;
  try {
    return (await new ApiClient({ url, key }).get<PageShape<T>>(path)).items;
  } catch {
    return null;
  }
}

/** Null when the server could not be asked. */
export function checkWorkers(server: ServerState): Finding | null {
  if (!server.reachable || !server.workers) return null;
  const working = server.workers.filter(
    ({ alive, status, slots }) => alive && status === 'ACTIVE' && slots > 0,
  );
  if (working.length === 0) {
    return fail('workers', 'none runs, so tasks wait. Start one with `claude-agent worker`.');
  }
  return ok(
    'workers',
    working.map(({ machine_id, running, slots }) => `${machine_id} (${running}/${slots})`).join(', '),
  );
}

export async function checkServerPort(settings: Settings, server: ServerState): Promise<Finding> {
  try {
    await checkPort(settings);
    return ok('port', `${settings.port} is free`);
  } catch (error) {
    const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (inUse && server.reachable) return ok('port', `${settings.port} is in use by a server that answers`);
    return fail('port', explainStartFailure(error, settings)?.message ?? `${settings.port} cannot be used.`);
  }
}

export async function checkCredential(settings: Settings, server: ServerState): Promise<Finding> {
  const missing =
    'none. Store one with `claude-agent credentials set` while the server runs, or set ANTHROPIC_API_KEY.';
  if (server.reachable && server.credentials) {
    const claudes = server.credentials.filter(({ provider }) => provider === 'claude');
    const best = claudes.find(({ status }) => status === 'active') ?? claudes[0];
    if (!best) return warn('credential', missing);
    const told = `${best.kind} ${best.masked} (${best.source})`;
    const why = UNUSABLE.get(best.status);
    return why ? warn('credential', `${told}: ${why}`) : ok('credential', told);
  }
  if (settings.anthropicApiKey !== null) return ok('credential', 'ANTHROPIC_API_KEY is set');
  return (await hasStoredCredential(settings))
    ? ok('credential', 'one is stored')
    : warn('credential', missing);
}

export function checkServer(url: string, server: ServerState): Finding {
  if (!server.reachable) {
    return warn(
      'server',
      `does not run at ${url}. Start it with \`claude-agent serve\`, or name it with --url.`,
    );
  }
  if (!server.ready) return fail('server', `${url} answers, but: ${server.problem}`);
  return server.credentials === null
    ? warn('server', `${url} is ready, but the key is missing or not accepted. Give one with --key.`)
    : ok('server', `${url} is ready`);
}

/** What is wrong when the best one is in this state. */
const UNUSABLE: ReadonlyMap<string, string> = new Map([
  ['limited', 'its usage limit is reached; tasks wait until it ends'],
  ['invalid', 'Claude refused it. See `claude-agent credentials verify`, or store another one.'],
  ['kek_mismatch', 'it was stored under another master key. Start with that one, or store it again.'],
  ['decrypt_failed', 'its file cannot be decrypted. Restore the folder from a backup, or store it again.'],
]);

/** Claude's are `claude.json` and `claude.<label>.json`; whether one can be decrypted is for the server to find out. */
async function hasStoredCredential(settings: Settings): Promise<boolean> {
  const files: string[] = await readdir(new Paths(settings).credentials).catch(() => []);
  return files.some((name) => /^claude(\.[a-z0-9-]+)?\.json$/.test(name));
}

function messageIn(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed && 'message' in parsed) return String(parsed.message);
  } catch {
    // Not JSON, so not ours.
  }
  return 'what it says is not from Claude Code Agent. Name the right address with --url.';
}
