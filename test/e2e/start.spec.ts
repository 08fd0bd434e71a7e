import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import sqlite3 from 'sqlite3';
import { Program, Service, tempDataDir } from '../support/index.js';

jest.setTimeout(60_000);

/** Runs the server until it gives up. */
async function failingStart(
  environment: Record<string, string>,
): Promise<{ code: number | null; said: string }> {
  const program = Program.spawn(['dist/apps/api/src/main.js'], {
    DATA_DIR: await tempDataDir(),
    PORT: '0',
    LOG_LEVEL: 'warn',
    ...environment,
  });
  const limit = setTimeout(() => program.child.kill('SIGKILL'), 20_000);
  const [code] = (await once(program.child, 'close')) as [number | null];
  clearTimeout(limit);
  return { code, said: program.log };
}

describe('starting', () => {
  it('reports every mistake in the settings together and does not start', async () => {
    const { code, said } = await failingStart({
      PORT: 'http',
      DATABASE_URL: 'mysql://x',
      REDIS_URL: 'localhost',
    });
    expect(code).toBe(2);
    for (const name of ['PORT', 'DATABASE_URL', 'REDIS_URL']) expect(said).toContain(`${name}:`);
  });

  it('refuses a worker of its own on SQLite', async () => {
    const { code, said } = await failingStart({ ROLE: 'worker' });
    expect(code).toBe(2);
    expect(said).toContain('DATABASE_URL=postgres://');
  });

  it.each(['/proc/no-such-folder/data', '/dev/null/data'])(
    'says at once that %s cannot be the data folder',
    async (DATA_DIR) => {
      const { code, said } = await failingStart({ DATA_DIR });
      expect(code).toBe(1);
      expect(said).toContain(`${DATA_DIR}`);
      expect(said).not.toContain('    at ');
    },
  );

  it('says at once that the file of DATABASE_URL cannot be made', async () => {
    const { code, said } = await failingStart({ DATABASE_URL: 'sqlite:////proc/no-such-folder/m.db' });
    expect(code).toBe(1);
    expect(said).toContain('Correct DATABASE_URL');
    expect(said).not.toContain('    at ');
  });

  it('says which port is taken', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const address = blocker.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const { code, said } = await failingStart({ PORT: port });
    blocker.close();
    expect(code).toBe(1);
    expect(said).toContain(port);
    expect(said).not.toContain('    at ');
  });

  it('shows and keeps a row that was made by hand, as the founding document does', async () => {
    const service = await Service.start();
    await service.end();
    const database = new sqlite3.Database(join(service.dataDir, 'db', 'machine.db'));
    await new Promise<void>((resolve, reject) =>
      database.exec("INSERT INTO tasks (task_id, status) VALUES ('test-123', 'COMPLETED');", (error) =>
        error ? reject(error) : resolve(),
      ),
    );
    await new Promise<void>((resolve) => database.close(() => resolve()));
    await service.launch();
    expect(await service.task('test-123')).toMatchObject({
      task_id: 'test-123',
      status: 'COMPLETED',
      prompt: null,
    });
    expect((await service.call('GET', '/api/tasks')).body).toMatchObject({
      items: [{ task_id: 'test-123' }],
    });
    expect((await service.call('GET', '/api/tasks/test-123/events')).body).toEqual({ items: [] });
    await service.end();
  });
});
