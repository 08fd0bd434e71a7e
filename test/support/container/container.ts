import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ensureBuilt } from '../program.js';
import { findProgram } from '../programs.js';
import { tempDataDir } from '../temp-folder.js';
import { waitFor } from '../wait-for.js';
import { readImage, type Image } from './image.js';
import { CONTAINER_USER } from './volume.js';

const START_LIMIT_MS = 60_000;
/** `stop_grace_period` of docker-compose.yml. */
const STOP_LIMIT_MS = 45_000;

/** As `docker-compose.yml` has it: an ordinary user, no capability, and none to be had. */
const AS_USER = [
  'setpriv',
  `--reuid=${CONTAINER_USER}`,
  `--regid=${CONTAINER_USER}`,
  '--clear-groups',
  '--no-new-privs',
  '--bounding-set=-all',
  '--inh-caps=-all',
];
/** `WORKDIR`, and no variable of this machine. */
const IN_APP = ['env', '--ignore-environment', '--chdir=/app'];

interface Options {
  /** The folder that is /data. */
  volume: string;
  env?: Record<string, string>;
  /** Instead of the one of the image. */
  command?: readonly string[];
}

/**
 * What a container of docker/Dockerfile, run as in docker-compose.yml, is to the programs in it: /app with exactly the
 * files that the Dockerfile copies and read-only like all else, /data, process ids of its own, and the image's entry
 * point, user and variables. The network is that of this machine. Made with namespaces, for which one must be root.
 */
export class Container {
  private constructor(
    private readonly child: ChildProcess,
    private readonly image: Image,
    private readonly environment: readonly string[],
  ) {}

  /** `docker run`: what the command said, when it has ended. Rejects when its exit code is not 0. */
  static async run(options: Options & { command: readonly string[] }): Promise<string> {
    const { program, args, mounts } = await prepare(options);
    const running = promisify(execFile)(program, args, { timeout: START_LIMIT_MS });
    running.child.stdin?.end(mounts);
    return (await running).stdout;
  }

  /** `docker compose up --wait`: resolves when the health check is content. */
  static async up(options: Options): Promise<Container> {
    const { program, args, mounts, image, environment } = await prepare(options);
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => (said += String(data)));
    child.stdin.end(mounts);
    const container = new Container(child, image, environment);
    try {
      await waitFor(() => container.ended || container.isHealthy(), {
        timeoutMs: START_LIMIT_MS,
        what: 'the health check to succeed',
      });
      if (container.ended) throw new Error('it ended');
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`The container did not start:\n${said}`, { cause: error });
    }
    return container;
  }

  /** `docker exec`: what the command said to its standard output. Rejects when its exit code is not 0. */
  async exec(...command: string[]): Promise<string> {
    const inside = ['--target', String(this.#firstProcess()), '--mount', '--pid', '--root', '--'];
    const args = [...inside, ...AS_USER, ...IN_APP, ...this.environment, ...command];
    return (await promisify(execFile)('nsenter', args, { timeout: START_LIMIT_MS })).stdout;
  }

  isHealthy(): Promise<boolean> {
    return this.exec('sh', '-c', this.image.healthCheck).then(
      () => true,
      () => false,
    );
  }

  /** `docker stop`. Returns the exit code, or null when it had to be killed. */
  async stop(): Promise<number | null> {
    if (this.ended) return this.child.exitCode;
    const gone = once(this.child, 'exit');
    process.kill(this.#firstProcess(), 'SIGTERM');
    const limit = setTimeout(() => this.child.kill('SIGKILL'), STOP_LIMIT_MS);
    await gone;
    clearTimeout(limit);
    return this.child.exitCode;
  }

  private get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Process 1 of the container as this machine numbers it. */
  #firstProcess(): number {
    const pid = String(this.child.pid);
    const [first] = readdirSync(join('/proc', pid, 'task'))
      .map((thread) => readFileSync(join('/proc', pid, 'task', thread, 'children'), 'utf8').trim())
      .filter((children) => children !== '');
    if (first === undefined) throw new Error('the container has no process');
    return Number(first.split(' ')[0]);
  }
}

async function prepare({ volume, env = {}, command }: Options) {
  ensureBuilt();
  await findProgram('tini');
  const image = readImage();
  const root = await tempDataDir('container');
  // The user that node:24-slim brings; this machine may not know it.
  const passwd = join(await tempDataDir('etc'), 'passwd');
  await writeFile(passwd, `root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n`);
  const home = await mkdtemp(join(dirname(passwd), 'home-'));
  await mkdir(home, { recursive: true });
  const usr = readdirSync('/usr')
    .filter((name) => name !== 'local')
    .map((name) => ['ro', `/usr/${name}`, `/usr/${name}`]);
  const mounts = [
    ...usr,
    ['ro', '/etc', '/etc'],
    ['ro', '/etc/passwd', passwd],
    ['ro', '/home/node', home],
    ['ro', '/usr/local/bin/node', process.execPath],
    ...image.files.map(({ target, source }) => ['ro', target, source]),
    ['rw', '/data', volume],
    ['tmpfs', '/tmp', ''],
  ];
  const variables = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/home/node',
    ...image.env,
    ...env,
  };
  const environment = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const enter = resolve('test/support/container/enter.sh');
  return {
    program: 'unshare',
    // A change of user would undo --kill-child, so the first process asks for it again.
    args: ['--mount', '--pid', '--ipc', '--fork', '--kill-child', enter, root]
      .concat(AS_USER, '--pdeathsig=KILL', IN_APP)
      .concat(environment, command ?? image.command),
    mounts: `${mounts.map((line) => line.join('\t')).join('\n')}\n`,
    image,
    environment,
  };
}
