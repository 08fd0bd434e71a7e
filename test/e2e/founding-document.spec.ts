import { execFile } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startOfflineModel, type OfflineModel } from '@app/engines';
import {
  Container,
  createVolume,
  findProgram,
  freePort,
  startRedis,
  tempDataDir,
  waitFor,
} from '../support/index.js';

jest.setTimeout(180_000);

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

/**
 * The document that this project began with says what lives under /data, what comes from /app, and how to see that it
 * stays. These are its scenarios and its commands, with its paths, in what a container of our image is to them.
 */
asRoot('the data persistence guide', () => {
  let model: OfflineModel;
  let volume: string;
  let container: Container;
  let port: number;

  const up = (place = volume): Promise<Container> =>
    Container.up({
      volume: place,
      env: { PORT: String(port), SHUTDOWN_DELAY_SECONDS: '0', ANTHROPIC_BASE_URL: model.url },
    });
  const restart = async (): Promise<void> => {
    expect(await container.stop()).toBe(0);
    container = await up();
  };
  /** curl in the container, with the key of its volume; JSON goes as `-d` sends it. */
  const curl = async (path: string, ...args: string[]) => {
    const key = (await container.exec('cat', '/data/credentials/admin.key')).trim();
    const url = `http://localhost:${port}${path}`;
    const answer = await container.exec(
      'curl',
      '-sS',
      '--fail-with-body',
      '-H',
      `Authorization: Bearer ${key}`,
      ...args,
      url,
    );
    return JSON.parse(answer || 'null');
  };
  const sql = (statement: string, in_ = container): Promise<string> =>
    in_.exec('sqlite3', '/data/db/machine.db', statement).then((text) => text.trim());
  const runTask = async (wish: Record<string, unknown>) => {
    const { task_id: taskId } = await curl('/api/tasks', '-d', JSON.stringify(wish));
    return waitFor(
      async () => {
        const task = await curl(`/api/tasks/${taskId}`);
        return ['COMPLETED', 'FAILED', 'CANCELLED'].includes(task.status) ? task : null;
      },
      { timeoutMs: 60_000, what: 'the task to end' },
    );
  };

  beforeAll(async () => {
    for (const program of ['sqlite3', 'curl', 'redis-cli'] as const) await findProgram(program);
    port = await freePort();
    model = await startOfflineModel();
    volume = await createVolume();
    container = await up();
  });

  afterAll(async () => {
    await model.close();
    await container.stop();
  });

  it('scenario 1: an uploaded agent is kept, and tasks use it', async () => {
    await curl('/api/credentials', '-d', JSON.stringify({ api_key: model.apiKey }));
    await curl(
      '/api/agents/upload',
      '-d',
      JSON.stringify({ name: 'my-custom-agent', claude_md: 'You answer shortly.', skills: ['code-review'] }),
    );
    expect(await container.exec('cat', '/data/config/agents/my-custom-agent/CLAUDE.md')).toContain(
      'You answer shortly.',
    );
    await restart();
    expect(await runTask({ prompt: 'SCENARIO:tooluse', agent: 'my-custom-agent' })).toMatchObject({
      status: 'COMPLETED',
      agent: 'my-custom-agent',
    });
  });

  it('scenario 2: uploaded credentials are kept, for the owner of the volume only', async () => {
    const before = await curl('/api/credentials');
    expect(await container.exec('stat', '-c', '%a %U', '/data/credentials/claude.json')).toBe('600 node\n');
    expect(await container.exec('stat', '-c', '%a %U', '/data/credentials')).toBe('700 node\n');
    expect(await container.exec('cat', '/data/credentials/claude.json')).not.toContain(model.apiKey);
    await restart();
    expect(await curl('/api/credentials')).toEqual(before);
    expect(await runTask({ prompt: 'SCENARIO:plain' })).toMatchObject({ status: 'COMPLETED' });
  });

  it('scenario 3: what was uploaded is still there when the container was restarted', async () => {
    await curl('/api/agents/upload', '-d', '{"name":"my-agent","claude_md":"Hello."}');
    await restart();
    expect((await container.exec('ls', '/data/config/agents/')).split('\n')).toContain('my-agent');
  });

  it('resolves agents from the volume first, then from the image, and else to the brain', async () => {
    await curl('/api/agents/upload', '-d', '{"name":"planning","claude_md":"My own planning."}');
    expect(await curl('/api/agents/planning/resolution')).toMatchObject({
      source: 'user',
      overrides: 'builtin',
    });
    expect(await curl('/api/agents/executor/resolution')).toMatchObject({ source: 'builtin' });
    await curl('/api/agents/planning', '-X', 'DELETE');
    expect(await curl('/api/agents/planning/resolution')).toMatchObject({ source: 'builtin' });
    expect(await runTask({ prompt: 'SCENARIO:plain' })).toMatchObject({
      agent: 'brain',
      status: 'COMPLETED',
    });
  });

  it('keeps the database when the container is removed and made again', async () => {
    const count = await sql('SELECT COUNT(*) FROM tasks;');
    expect(Number(count)).toBeGreaterThan(0);
    await container.stop();
    container = await up();
    expect(await sql('SELECT COUNT(*) FROM tasks;')).toBe(count);
  });

  it('keeps what Redis was given when Redis is restarted', async () => {
    const redis = await startRedis({ appendOnly: true });
    const redisCli = (...args: string[]) => container.exec('redis-cli', '-p', String(redis.port), ...args);
    await redisCli('RPUSH', 'task_queue', 'task-123');
    await redis.restart();
    expect(await redisCli('LLEN', 'task_queue')).toBe('1\n');
    await redis.stop();
  });

  it('pitfall: what comes from the image cannot be changed, not even by the service', async () => {
    for (const target of ['/app/agents/new-agent', '/app/skills/x', '/app/.claude/x', '/app/x', '/etc/x'])
      await expect(container.exec('mkdir', target)).rejects.toThrow('Read-only file system');
    await container.exec('mkdir', '-p', '/data/config/agents/by-hand');
    await container.exec('sh', '-c', 'echo By hand. > /data/config/agents/by-hand/CLAUDE.md');
    expect(await curl('/api/agents/by-hand/resolution')).toMatchObject({ source: 'user' });
  });

  it('backup and restore of the volume by tar, in a new volume', async () => {
    const archive = join(await tempDataDir(), 'machine-data-backup.tar.gz');
    const run = promisify(execFile);
    const count = await sql('SELECT COUNT(*) FROM tasks;');
    // With the service stopped: a database that is written to cannot be copied file by file.
    await container.stop();
    await run('tar', ['czf', archive, '-C', volume, '.']);
    volume = await createVolume();
    await run('tar', ['xzf', archive, '-C', volume]);
    container = await up();
    expect(await sql('SELECT COUNT(*) FROM tasks;')).toBe(count);
    expect((await container.exec('ls', '/data/config/agents/')).split('\n')).toContain('my-agent');
    expect(await runTask({ prompt: 'SCENARIO:plain', agent: 'my-custom-agent' })).toMatchObject({
      status: 'COMPLETED',
    });
  });

  it('backup and restore by our own commands, the backup while the service works', async () => {
    const count = await sql('SELECT COUNT(*) FROM tasks;');
    const id = (
      await container.exec('claude-agent', 'backup', 'create', '--output', '/data/mine.tar')
    ).trim();
    expect(id).not.toBe('');
    await container.stop();
    const old = volume;
    volume = await createVolume();
    // The master key is never in a backup: it is kept apart, and brought along.
    await mkdir(join(volume, 'credentials'), { mode: 0o700 });
    for (const name of ['mine.tar', join('credentials', 'master.key')])
      await copyFile(join(old, name), join(volume, name));
    await promisify(execFile)('chown', ['-R', '1000:1000', volume]);
    await Container.run({
      volume,
      command: ['claude-agent', 'backup', 'restore', '--yes', '/data/mine.tar'],
    });
    container = await up();
    expect(await sql('SELECT COUNT(*) FROM tasks;')).toBe(count);
    expect((await container.exec('ls', '/data/config/agents/')).split('\n')).toContain('my-agent');
    expect(await runTask({ prompt: 'SCENARIO:plain', agent: 'my-custom-agent' })).toMatchObject({
      status: 'COMPLETED',
    });
  });

  it('test 1: /data is shown as a mount', async () => {
    // `df -h` alone shows one mount of each disk, and here the disk of /data is that of /etc too.
    expect(await container.exec('df', '-h', '/data')).toMatch(/ \/data$/m);
  });

  it('test 2: a file made in /data is there after a restart', async () => {
    await container.exec('touch', '/data/test-persistence.txt');
    await restart();
    expect(await container.exec('ls', '/data/test-persistence.txt')).toBe('/data/test-persistence.txt\n');
  });

  it('test 3: a row made by hand is there after a restart, and in the answers of the service', async () => {
    await sql("INSERT INTO tasks (task_id, status) VALUES ('test-123', 'COMPLETED');");
    await restart();
    expect(await sql("SELECT task_id FROM tasks WHERE task_id='test-123';")).toBe('test-123');
    expect(await curl('/api/tasks/test-123')).toMatchObject({ task_id: 'test-123', status: 'COMPLETED' });
  });
});
