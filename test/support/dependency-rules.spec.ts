import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { tempDataDir } from './index.js';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');

/** A small product with one breach of each kind, beside what is allowed. */
const PLANTED = {
  'libs/contracts/src/index.ts': `export type Status = 'QUEUED';\nexport { readFile } from 'node:fs/promises';`,
  'libs/paths/src/index.ts': `import type { Status } from '@app/contracts';\nexport type P = Status;`,
  'libs/database/src/index.ts': `import type { P } from '@app/paths';\nexport type D = P;`,
  'libs/redis/src/index.ts': `import type { D } from '@app/database';\nexport type R = D;`,
  'libs/auth/src/index.ts': `export * from './deep.js';`,
  'libs/auth/src/deep.ts': `import type { D } from '../../database/src/index.js';\nexport type A = D;`,
  'libs/sessions/src/index.ts': `import type { A } from '../../auth/src/deep.js';\nexport type S = A;`,
  'libs/tasks/src/index.ts': `import type { Q } from './other.js';\nexport type T = Q;`,
  'libs/tasks/src/other.ts': `import type { T } from './index.js';\nexport type Q = T;`,
  'libs/webhooks/src/index.ts': `import type { Main } from '../../../apps/api/src/main.js';\nexport type W = Main;`,
  'libs/extra/src/index.ts': `import type { Status } from '@app/contracts';\nexport type E = Status;`,
  'config/index.ts': `import type { P } from '@app/paths';\nexport type C = P;`,
  'apps/api/src/main.ts': `import type { T } from '@app/tasks';\nexport type Main = T;`,
  'apps/worker/src/main.ts': `import type { Main } from '../../api/src/main.js';\nexport type Work = Main;`,
  'apps/dashboard/src/main.ts': `import type { T } from '@app/tasks';\nexport type Board = T;`,
};

describe('the dependency rules', () => {
  let breaches: string[];

  beforeAll(async () => {
    const folder = await tempDataDir('planted');
    for (const [path, content] of Object.entries(PLANTED)) {
      await mkdir(join(folder, dirname(path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json'])
      await cp(join(ROOT, file), join(folder, file));

    const program = join(ROOT, 'node_modules', '.bin', 'depcruise');
    const args = ['apps', 'libs', 'config', '--output-type', 'json'];
    const { stdout } = await run(program, args, { cwd: folder, maxBuffer: 1 << 26 }).catch(
      // It exits with the number of breaches.
      (failure: { stdout: string }) => failure,
    );
    const report = JSON.parse(stdout) as {
      summary: { violations: { rule: { name: string }; from: string }[] };
    };
    breaches = report.summary.violations.map(({ rule, from }) => `${from} ${rule.name}`).sort();
  }, 30_000);

  it('find every planted breach, and nothing else', () => {
    expect([...new Set(breaches)]).toEqual([
      'apps/dashboard/src/main.ts dashboard-imports-contracts-only',
      'apps/worker/src/main.ts worker-imports',
      'config/index.ts config-imports',
      'libs/contracts/src/index.ts contracts-without-node',
      'libs/extra/src/index.ts library-not-in-table',
      'libs/redis/src/index.ts redis-imports',
      'libs/sessions/src/index.ts by-the-front-door',
      'libs/tasks/src/index.ts no-circular',
      'libs/webhooks/src/index.ts libs-below-apps',
    ]);
  });
});
