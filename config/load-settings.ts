import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { validateSync } from 'class-validator';
import { settingSources, type SettingSource } from './setting.js';
import { Settings } from './settings.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** All mistakes at once, each with the variable's name: nobody should have to start the program six times. */
export class SettingsError extends Error {
  constructor(readonly mistakes: string[]) {
    super(`The settings are not usable:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`);
    this.name = 'SettingsError';
  }
}

/** Reads and checks the environment. Throws `SettingsError`. Values of secrets never appear in its message. */
export function loadSettings(
  env: Environment = readEnvironment(),
  overrides: Partial<Settings> = {},
): Settings {
  const settings = new Settings();
  const mistakes: string[] = [];
  for (const [property, source] of settingSources()) {
    try {
      const text = textOf(env, source);
      if (text !== undefined)
        Object.assign(settings, { [property]: source.parse ? source.parse(text) : text });
    } catch (error) {
      mistakes.push(`${source.env}: ${error instanceof Error ? error.message : 'not readable'}`);
    }
  }
  Object.assign(settings, overrides);
  settings.machineId ??= hostname();
  mistakes.push(...invalidValues(settings), ...contradictions(settings));
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return settings;
}

/** The process environment, with an `.env` file of the working directory beneath it. */
export function readEnvironment(): Environment {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return process.env;
}

function textOf(env: Environment, source: SettingSource): string | undefined {
  const direct = env[source.env]?.trim();
  if (direct) return direct;
  const file = source.secret || source.fromFile ? env[`${source.env}_FILE`]?.trim() : undefined;
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    throw new Error(`the file named by ${source.env}_FILE cannot be read`);
  }
}

function invalidValues(settings: Settings): string[] {
  return validateSync(settings, { skipMissingProperties: true }).map((problem) => {
    const name = settingSources().get(problem.property)?.env ?? problem.property;
    const messages = Object.values(problem.constraints ?? {}).map((text) =>
      text.replace(`${problem.property} `, ''),
    );
    return `${name}: ${messages.join(', ')}`;
  });
}

function contradictions(settings: Settings): string[] {
  if (settings.role === 'all') return [];
  const mistakes: string[] = [];
  if (settings.database.kind === 'sqlite') {
    mistakes.push(
      `ROLE=${settings.role}: SQLite serves one process only; set DATABASE_URL=postgres://user:password@host:5432/database`,
    );
  }
  if (!settings.redis) {
    mistakes.push(
      `ROLE=${settings.role}: several processes need a shared queue; set REDIS_URL=redis://host:6379`,
    );
  }
  return mistakes;
}
