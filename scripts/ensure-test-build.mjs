/**
 * What the tests start as programs: the service, built, and beside it in `dist/test` the programs of the tests
 * themselves. As plain JavaScript they start in two thirds of the processor time that the hooks of typescript.mjs take.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build, isBuilt } from './build.mjs';

const ROOT = dirname(import.meta.dirname);
const OUTPUT = join(ROOT, 'dist');
const RECORD = join(OUTPUT, 'test', 'build.json');

process.exitCode = isBuilt() ? 0 : build();
if (process.exitCode === 0) await compileTests();

async function compileTests() {
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => join('test', name))
    .sort();
  const digest = createHash('sha256');
  for (const file of [...files, '.swcrc']) digest.update(file).update(readFileSync(join(ROOT, file)));
  const sources = digest.digest('hex');
  if (existsSync(RECORD) && JSON.parse(readFileSync(RECORD, 'utf8')).sources === sources) return;
  const { transformFile } = await import('@swc/core');
  for (const file of files) {
    const { code } = await transformFile(join(ROOT, file), { cwd: ROOT });
    write(join(OUTPUT, file.replace(/\.ts$/, '.js')), withoutAliases(code, dirname(file)));
  }
  write(RECORD, JSON.stringify({ sources }));
}

/** `@app/x` is a name of the compiler alone. */
function withoutAliases(code, folder) {
  return code.replace(/(["'])@app\/([a-z-]+)\1/g, (_all, _quote, library) => {
    const index = library === 'config' ? 'config/index.js' : `libs/${library}/src/index.js`;
    return `'${relative(folder, index)}'`;
  });
}

/** Whole at once: several suites may find at the same moment that there is something to do. */
function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}
