/**
 * Compiles every app in one pass: apps/cli/tsconfig.app.json takes in apps/api, apps/worker and the generators.
 *
 * `dist/build.json` remembers a digest of what was built, so that `ensure-build` can tell in a moment whether
 * there is anything to do. A digest, not times: `git checkout` and `git clone` give files new times.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = dirname(import.meta.dirname);
const SOURCES = ['apps/api', 'apps/worker', 'apps/cli', 'libs', 'config'];
const SETUP = ['package.json', 'package-lock.json', 'tsconfig.json', 'nest-cli.json'];
const RECORD = join(ROOT, 'dist', 'build.json');

const PROGRAMS = ['api', 'worker', 'cli'].map((app) => `dist/apps/${app}/src/main.js`);

export function digestOfSources() {
  const digest = createHash('sha256');
  const files = SOURCES.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(spec|contract)\.ts$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  for (const file of [...files.sort(), ...SETUP.map((name) => join(ROOT, name))]) {
    digest.update(file.slice(ROOT.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return digest.digest('hex');
}

/** Whether `dist` holds what the sources say. */
export function isBuilt() {
  if (!existsSync(RECORD) || !PROGRAMS.every((path) => existsSync(join(ROOT, path)))) return false;
  return JSON.parse(readFileSync(RECORD, 'utf8')).sources === digestOfSources();
}

/** Returns the compiler's exit code; its messages go to our own output. */
export function build() {
  const sources = digestOfSources();
  const compiler = findCompiler();
  if (!compiler) {
    console.error('The packages are not installed: run `npm ci` first.');
    return 1;
  }
  // A file that was deleted in the sources must not live on in the output.
  for (const folder of SOURCES) rmSync(join(ROOT, 'dist', folder), { recursive: true, force: true });
  rmSync(RECORD, { force: true });
  const { status } = spawnSync(process.execPath, [compiler, 'build', 'cli'], { cwd: ROOT, stdio: 'inherit' });
  if (status === 0) {
    mkdirSync(dirname(RECORD), { recursive: true });
    writeFileSync(RECORD, JSON.stringify({ sources }) + '\n');
  }
  return status ?? 1;
}

function findCompiler() {
  try {
    return createRequire(import.meta.url).resolve('@nestjs/cli/bin/nest.js');
  } catch {
    return undefined;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = build();
