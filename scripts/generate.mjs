/**
 * Writes the files that are made from the code. They are committed, so that people can read them;
 * `npm run check` says when one is out of date. With --check nothing is written.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, isBuilt } from './build.mjs';

const ROOT = dirname(import.meta.dirname);

/** Each program prints the content of its file. */
const GENERATED = {
  'docs/settings.md': 'dist/config/print-settings-docs.js',
  'docs/api/openapi.json': 'dist/apps/api/src/print-openapi.js',
};

const checking = process.argv.includes('--check');
if (!isBuilt() && build() !== 0) process.exit(1);

for (const [file, program] of Object.entries(GENERATED)) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, program)], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    timeout: 60_000,
  });
  if (status !== 0) {
    console.error(`${program} failed:\n${stderr}`);
    process.exitCode = 1;
    continue;
  }
  const path = join(ROOT, file);
  if (existsSync(path) && readFileSync(path, 'utf8') === stdout) continue;
  if (checking) {
    console.error(`${file} is out of date: run \`npm run generate\` and commit it.`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, stdout);
    console.log(`Wrote ${file}`);
  }
}
