/**
 * The proof of docs/guarantees.md. `npm run test:faults -- --seed N --seconds S` runs a long seeded round on both
 * set-ups; `npm run test:faults -- --scenarios [R12]` runs the named faults, all of them or those with that name, and
 * prints what they measured.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = dirname(import.meta.dirname);
const args = process.argv.slice(2);
const quiet = '--disable-warning=ExperimentalWarning';

function run(nodeOptions, command, environment = {}) {
  const env = { ...process.env, ...environment, NODE_OPTIONS: nodeOptions };
  return spawnSync(process.execPath, command, { cwd: ROOT, stdio: 'inherit', env }).status ?? 1;
}

/** The titles with that name, and those of a range that holds its number: R18 is in "R17–19". */
function titlesOf(name) {
  const number = Number(/^R(\d+)$/.exec(name)?.[1] ?? NaN);
  if (Number.isNaN(number)) return `\\b(?:${name})\\b`;
  const upTo = Array.from({ length: number }, (_, index) => index + 1).join('|');
  const from = Array.from({ length: 100 - number }, (_, index) => number + index).join('|');
  return `\\b(?:${name}|R(?:${upTo})[–-](?:${from}))\\b`;
}

function scenarios(name) {
  const folder = mkdtempSync(join(tmpdir(), 'claude-agent-figures-'));
  const figures = join(folder, 'figures.ndjson');
  const chosen = name === undefined ? [] : ['--testNamePattern', titlesOf(name)];
  const jest = ['node_modules/.bin/jest', '--selectProjects', 'scenarios', '--runInBand'];
  const status = run(`--experimental-vm-modules ${quiet}`, [...jest, ...chosen], { FAULT_FIGURES: figures });
  if (existsSync(figures)) {
    const lines = readFileSync(figures, 'utf8').trim().split('\n');
    for (const { fault, what, value, unit } of lines.map((line) => JSON.parse(line)))
      console.log(`${fault.padEnd(12)} ${what}: ${value} ${unit}`);
  }
  rmSync(folder, { recursive: true });
  return status;
}

process.exitCode =
  args[0] === '--scenarios'
    ? scenarios(args[1])
    : run(quiet, ['--import', './scripts/typescript.mjs', 'test/faults/main.ts', ...args]);
