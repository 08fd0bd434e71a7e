/**
 * Everything that can be said about the code without running it. `npm run check` runs all steps and reports each;
 * `npm run check -- types lint` runs those. A step's output is shown only when it fails.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

const ROOT = dirname(import.meta.dirname);

const STEPS = {
  format: ['prettier', '--check', '.', '--cache', '--log-level', 'warn'],
  types: ['tsc', '--noEmit', '--project', 'tsconfig.json'],
  lint: ['eslint', '.'],
  dependencies: ['depcruise', 'apps', 'libs', 'config', 'test', 'bench', 'scripts'],
  unused: ['knip', '--no-progress'],
  containers: ['node', 'scripts/check-containers.mjs'],
  generated: ['node', 'scripts/generate.mjs', '--check'],
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in STEPS));
if (unknown.length > 0) {
  console.error(`No such check: ${unknown.join(', ')}. There are: ${Object.keys(STEPS).join(', ')}.`);
  process.exit(2);
}

const env = { ...process.env, PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH}` };
const failed = [];
for (const [name, [command, ...args]] of Object.entries(STEPS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: ROOT,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const passed = status === 0;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name.padEnd(12)} ${seconds} s`);
  if (!passed) {
    failed.push(name);
    console.log(`${stdout}${stderr}${error?.message ?? ''}`.trimEnd());
  }
}
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
