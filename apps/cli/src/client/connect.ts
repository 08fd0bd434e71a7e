import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadClientSettings, type ClientSettings } from '@app/config';
import { CliError } from '../cli-error.js';
import { ApiClient } from './api-client.js';

/** The server that the flags and the environment name. Throws `CliError` when no key is to be had. */
export async function connect(command: Command): Promise<ApiClient> {
  const { url, key, ...settings } = clientSettings(command);
  const found = key ?? (await readAdminKey(settings.dataDir));
  if (found === null) {
    throw new CliError(
      `No API key: give --key or set CLAUDE_AGENT_KEY. On the server's machine the key of DATA_DIR/credentials/admin.key is taken; there is none in ${settings.dataDir}.`,
    );
  }
  return new ApiClient({ url, key: found });
}

/** Flags win over the environment. */
export function clientSettings(command: Command): ClientSettings {
  const flags: { url?: string; key?: string } = command.optsWithGlobals();
  const settings = loadClientSettings();
  const url = (flags.url ?? settings.url).replace(/\/+$/, '');
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new CliError(`${url} is not an address such as http://localhost:8000.`, 2);
  }
  return { ...settings, url, key: flags.key ?? settings.key };
}

/** Null when there is none, or when it belongs to another user. */
export async function readAdminKey(dataDir: string): Promise<string | null> {
  try {
    return (await readFile(join(dataDir, 'credentials', 'admin.key'), 'utf8')).trim() || null;
  } catch {
    return null;
  }
}
