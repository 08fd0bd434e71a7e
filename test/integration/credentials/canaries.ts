import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { tempDataDir } from '../../support/index.js';

/** A secret of each kind, each with a core that is nowhere else. */
export const CANARIES = {
  apiKey: 'sk-ant-api03-CanaryOfClaudeKey0123-x7Qa',
  oauthToken: 'sk-ant-oat01-CanaryOfClaudeToken0123-tOkN',
  github: 'ghp_CanaryOfGithub0123456789',
  // JSON writes these characters in another way.
  jira: 'ATATT3x"CanaryOfJira\\0123456789=',
} as const;

/** The forms in which a secret may have been written down, each with a name for the message of a failing test. */
export function formsOf(name: string, secret: string): [name: string, form: string][] {
  const json = JSON.stringify(secret).slice(1, -1);
  // In Base64 the neighbours change the outermost characters; at each of the three places the middle stays.
  const base64 = [0, 1, 2].map((place) =>
    Buffer.from(' '.repeat(place) + secret)
      .toString('base64')
      .slice(4, -4),
  );
  const forms = {
    plain: [secret],
    json: [json, JSON.stringify(json).slice(1, -1)],
    url: [encodeURIComponent(secret)],
    hex: [Buffer.from(secret).toString('hex')],
    base64,
  };
  return Object.entries(forms).flatMap(([form, texts]) =>
    texts.map((text): [string, string] => [`${name} (${form})`, text]),
  );
}

/** Which canaries are in the text. */
export function foundIn(text: string, extra: Readonly<Record<string, string>> = {}): string[] {
  const forms = Object.entries({ ...CANARIES, ...extra }).flatMap(([name, secret]) => formsOf(name, secret));
  return forms.flatMap(([name, form]) => (text.includes(form) ? [name] : []));
}

/** Every file beneath the folder that holds one, and which. */
export async function foundUnder(
  folder: string,
  extra: Readonly<Record<string, string>>,
): Promise<Record<string, string[]>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: Record<string, string[]> = {};
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const names = foundIn(await readFile(path, 'latin1'), extra);
    if (names.length > 0) found[relative(folder, path)] = names;
  }
  return found;
}

export async function unpack(archive: string): Promise<string> {
  const folder = await tempDataDir('unpacked');
  await promisify(execFile)('tar', ['-xzf', archive, '-C', folder]);
  return folder;
}

/** All rows of all tables, as text. */
export async function dumpPostgres(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t`);
      texts.push(`${name}: ${rows.length}`, ...rows.map(({ row }) => row));
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}
