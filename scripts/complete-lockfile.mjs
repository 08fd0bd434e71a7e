/**
 * `npm ci` wants an entry in package-lock.json for every platform's variant of a native package, also for those it
 * will not install. `npm install` leaves out the variants that the registry in use does not carry (a mirror may
 * keep Linux alone), and then `npm ci` fails with "Missing: … from lock file". This adds the entries, as far as
 * they follow from the package that asks for them: an exact version, and a platform in the name.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FILE = join(dirname(import.meta.dirname), 'package-lock.json');
const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const added = {};
for (const [parent, { optionalDependencies = {} }] of Object.entries(lock.packages)) {
  if (parent === '') continue;
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(parent, name)) continue;
    const parts = name.split(/[/-]/);
    const os = SYSTEMS.filter((system) => parts.includes(system));
    const cpu = PROCESSORS.filter((processor) => parts.includes(processor));
    if (os.length !== 1 || cpu.length !== 1 || !/^\d+\.\d+\.\d+[\w.+-]*$/.test(version)) {
      console.error(
        `Left out ${name}@${version}, wanted by ${parent}: its platform or version cannot be told.`,
      );
      process.exitCode = 1;
      continue;
    }
    const dev = lock.packages[parent].dev ? { dev: true } : {};
    added[`node_modules/${name}`] = { version, cpu, ...dev, optional: true, os };
  }
}

if (Object.keys(added).length > 0) {
  const all = Object.entries({ ...lock.packages, ...added });
  lock.packages = Object.fromEntries(all.sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(FILE, JSON.stringify(lock, null, 2) + '\n');
}
console.log(`Added ${Object.keys(added).length} entries to package-lock.json.`);

/** Whether a package is found from its parent, by the way Node looks upwards through node_modules. */
function isLocked(parent, name) {
  for (let folder = parent; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    if (`${folder}/node_modules/${name}`.replace(/^\//, '') in lock.packages) return true;
    if (folder === '') return false;
  }
}
