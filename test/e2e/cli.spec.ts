import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TaskEvent } from '@app/contracts';
import { Program, SCRIPTED_SERVICE, Service, waitFor } from '../support/index.js';

jest.setTimeout(90_000);

const CLI = 'dist/apps/cli/src/main.js';
const SECRET = 'sk-ant-api03-this-must-not-be-seen';

describe('the command line', () => {
  let service: Service;
  const commands: Program[] = [];

  beforeAll(async () => {
    service = await Service.start(
      { ANTHROPIC_API_KEY: 'sk-ant-any', SHUTDOWN_GRACE_SECONDS: '0' },
      { program: SCRIPTED_SERVICE },
    );
  });
  afterAll(async () => {
    await Promise.all([...commands.map((command) => command.end('SIGKILL')), service.end()]);
  });

  const environment = () => ({ CLAUDE_AGENT_URL: service.url, CLAUDE_AGENT_KEY: service.key });

  function run(...args: string[]): Program {
    const command = Program.spawn([CLI, ...args], environment());
    commands.push(command);
    return command;
  }

  /** The task that a watching command has shown something of. */
  async function shownTask(command: Program): Promise<string> {
    const [first] = await waitFor(() => (eventsIn(command).length > 2 ? eventsIn(command) : null), {
      timeoutMs: 30_000,
      what: 'the command to show events',
    });
    return first?.task_id ?? '';
  }

  it('goes on with a task behind the last event it showed when the server was restarted meanwhile', async () => {
    const command = run('task', 'run', 'slow:60@10', '--json');
    const taskId = await shownTask(command);
    await service.end('SIGTERM');
    await waitFor(() => command.log.includes('connection lost'), { what: 'the command to notice' });
    await service.launch();
    await waitFor(() => command.ended, { timeoutMs: 60_000, what: 'the command to end' });
    expect(command.child.exitCode).toBe(0);
    expect(command.log).toContain('connected again');
    expect(eventsIn(command)).toEqual(await service.events(taskId));
  });

  it('cancels its task at the first Ctrl-C, and shows that end', async () => {
    const command = run('task', 'run', 'hang', '--json');
    const taskId = await shownTask(command);
    expect(await command.end('SIGINT')).toBe(130);
    expect(eventsIn(command).at(-1)?.type).toBe('task.cancelled');
    expect(await service.task(taskId)).toMatchObject({ status: 'CANCELLED' });
  });

  it('leaves at the second Ctrl-C, and says how to see the task again', async () => {
    const command = run('task', 'run', 'hang', '--json');
    const taskId = await shownTask(command);
    // Nobody answers the cancellation, so only the second one can end the command.
    process.kill(service.pid, 'SIGSTOP');
    try {
      command.child.kill('SIGINT');
      await waitFor(() => command.log.includes('Ctrl-C again leaves'), { what: 'the first to be noticed' });
      expect(await command.end('SIGINT')).toBe(130);
    } finally {
      process.kill(service.pid, 'SIGCONT');
    }
    expect(command.log).toContain(`claude-agent task watch ${taskId}`);
    expect(await service.finished(taskId)).toMatchObject({ status: 'CANCELLED' });
  });

  it('asks for a credential on a terminal without showing it', async () => {
    // `script` gives the command a terminal.
    const terminal = spawn('script', ['-qefc', `${process.execPath} ${CLI} credentials set`, '/dev/null'], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'xterm', ...environment() },
    });
    let shown = '';
    terminal.stdout.on('data', (data: Buffer) => (shown += String(data)));
    const ended = once(terminal, 'exit');
    await waitFor(() => shown.includes('Claude API key or token:'), { timeoutMs: 20_000 });
    terminal.stdin.write(`${SECRET}\r`);
    const limit = setTimeout(() => terminal.kill('SIGKILL'), 20_000);
    const [code] = (await ended) as [number | null];
    clearTimeout(limit);
    expect(shown).toContain('Stored api_key');
    expect(shown).not.toContain(SECRET);
    expect(code).toBe(0);
    const { body } = await service.call('GET', '/api/credentials');
    expect((body as { items: unknown[] }).items[0]).toMatchObject({ provider: 'claude', source: 'stored' });
  });

  it('lists the processes of the service', async () => {
    const command = run('workers', 'list');
    await waitFor(() => command.ended, { timeoutMs: 20_000 });
    expect(command.log).toMatch(/^MACHINE +ROLE +STATE/);
    expect(command.log).toMatch(/ all +active +\d\/5 /);
  });
});

function eventsIn(command: Program): TaskEvent[] {
  return command.log
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as never);
}
