import { spawnSync } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Programs that no npm package brings, by their names on various systems. */
const PROGRAMS = {
  'redis-server': {
    names: ['redis-server', 'valkey-server'],
    debianPackage: 'redis-server',
    elsewhere: '`brew install redis`, or https://redis.io/docs/latest/operate/oss_and_stack/install/',
  },
  chromium: {
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    debianPackage: 'chromium',
    elsewhere: 'https://www.chromium.org/getting-involved/download-chromium/',
  },
  tini: system('tini'),
  sqlite3: system('sqlite3'),
  'redis-cli': { ...system('redis-cli'), debianPackage: 'redis-tools' },
  curl: system('curl'),
} as const;

function system(name: string): { names: string[]; debianPackage: string; elsewhere: string } {
  return { names: [name], debianPackage: name, elsewhere: `the package \`${name}\` of your system` };
}

/** The path of a program; on Debian as root it is installed when missing, otherwise the error says how to get it. */
export async function findProgram(name: keyof typeof PROGRAMS): Promise<string> {
  const { names, debianPackage, elsewhere } = PROGRAMS[name];
  const found = await search(names);
  if (found) return found;

  const isDebian = (await search(['apt-get'])) !== undefined;
  if (isDebian && process.getuid?.() === 0) {
    console.log(`Installing ${debianPackage} with apt-get, because the tests need it …`);
    // RUNLEVEL=1 keeps the package from starting a service: the tests bring up their own.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const install = `apt-get update -qq && apt-get install -y -qq --no-install-recommends ${debianPackage}`;
    spawnSync('sh', ['-c', install], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    const installed = await search(names);
    if (installed) return installed;
  }
  const how = isDebian ? `\`sudo apt-get install ${debianPackage}\`` : elsewhere;
  throw new Error(`${name} is not on the PATH, and these tests need it. Install it: ${how}`);
}

async function search(names: readonly string[]): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(folder, name);
      const usable = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (usable) return path;
    }
  }
  return undefined;
}
