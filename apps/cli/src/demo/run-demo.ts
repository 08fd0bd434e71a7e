import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pc from 'picocolors';
import { hostEnvironment, loadSettings } from '@app/config';
import type { TaskEvent, TaskShape } from '@app/contracts';
import { startOfflineModel, type OfflineModel } from '@app/engines';
import { checkPort } from '../../../api/src/start/check-port.js';
import { CliError } from '../cli-error.js';
import { ApiClient } from '../client/api-client.js';
import { readAdminKey } from '../client/connect.js';
import { followTask } from '../follow-task.js';
import { isMended, writeSampleProject } from './sample-project.js';
import { DEMO_PROMPT, DEMO_SCENARIOS } from './scenarios.js';
import { startServerProcess, type ServerProcess } from './server-process.js';

const LIMIT_MS = 60_000;
const PORT = 8000;
/** What the server gets of our environment: enough to find programs and folders, no setting of a real service. */
const PASSED_ON = ['PATH', 'HOME', 'USER', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'IS_SANDBOX'];

/** Returns the exit code. Everything it started has ended when it returns. */
export async function runDemo({ once }: { once: boolean }): Promise<number> {
  const dataDir = once ? await mkdtemp(join(tmpdir(), 'claude-agent-demo-')) : resolve('data-demo');
  let model: OfflineModel | null = null;
  let server: ServerProcess | null = null;
  const limit = AbortSignal.timeout(LIMIT_MS);
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const signal = AbortSignal.any([limit, interrupted.signal]);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    model = await startOfflineModel({ scenarios: DEMO_SCENARIOS, default: 'no-script' });
    print('Starting the server …');
    const port = once ? 0 : await choosePort();
    server = await startServerProcess(serverEnvironment(dataDir, port, model), dataDir, signal);
    const key = await readAdminKey(dataDir);
    if (key === null) throw new CliError('The server of the demo made no key.');
    const client = new ApiClient({ url: server.url, key });
    print(
      `The server runs at ${server.url}. Claude Code and its tools are real; the model reads from a script.\n`,
    );
    print(`${pc.bold('Task:')} ${DEMO_PROMPT}\n`);
    await runTask(client, dataDir, signal);
    if (once) {
      print(`\n${pc.green('ok')}  the file was changed and its tests pass`);
      return 0;
    }
    print(
      `\nOpen ${pc.bold(`${server.url}/#key=${key}`)}\nCtrl-C ends the demo; its data stays in ${dataDir}.`,
    );
    return await stayUp(server, interrupted.signal);
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    if (limit.aborted)
      throw new CliError(
        `The demo took longer than ${LIMIT_MS / 1000} s and was ended. Run \`claude-agent doctor\` to see what is wrong.`,
      );
    throw error;
  } finally {
    await server?.end();
    await model?.close();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    if (once) await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Throws `CliError` unless the task completed, the file changed and the test run succeeded. */
async function runTask(client: ApiClient, dataDir: string, signal: AbortSignal): Promise<void> {
  const session = await client.post<{ session_id: string }>('/api/sessions', { title: 'Demo' });
  const workspaces = join(dataDir, 'workspaces');
  const workspace = join(workspaces, session.session_id);
  await writeSampleProject(workspace);
  await chmod(workspaces, 0o700);
  const task = await client.post<TaskShape>('/api/tasks', {
    prompt: DEMO_PROMPT,
    agent: 'executor',
    session_id: session.session_id,
  });
  const tests = new TestRun();
  const exitCode = await followTask(client, task.task_id, {
    json: false,
    cancelOnInterrupt: true,
    onEvent: (event) => tests.note(event),
    signal,
  });
  if (exitCode !== 0) throw new CliError('The task of the demo did not complete.', exitCode);
  if (!(await isMended(workspace))) throw new CliError('The task completed, but the file was not changed.');
  if (!tests.passed) throw new CliError('The task completed, but the tests were not run or did not pass.');
}

/** What the events say of the tool that ran the tests. */
class TestRun {
  passed = false;
  private callId: string | null = null;

  note(event: TaskEvent): void {
    if (event.type === 'task.tool_started' && event.data.tool === 'Bash')
      this.callId = event.data.tool_use_id;
    if (event.type === 'task.tool_finished' && event.data.tool_use_id === this.callId) {
      this.passed = !event.data.is_error && /\bpass 2\b/.test(event.data.output);
    }
  }
}

function serverEnvironment(dataDir: string, port: number, model: OfflineModel): Record<string, string> {
  const host = hostEnvironment();
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = host[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passedOn),
    DATA_DIR: dataDir,
    PORT: String(port),
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: model.apiKey,
    LOG_LEVEL: 'warn',
    LOG_JSON: 'false',
    SHUTDOWN_GRACE_SECONDS: '2',
  };
}

/** 0, any free port, when the usual one is taken. */
async function choosePort(): Promise<number> {
  try {
    await checkPort(loadSettings({ PORT: String(PORT) }));
    return PORT;
  } catch {
    print(`Port ${PORT} is taken, so the demo uses another one.`);
    return 0;
  }
}

async function stayUp(server: ServerProcess, interrupted: AbortSignal): Promise<number> {
  const interruption = new Promise<null>((done) => {
    if (interrupted.aborted) done(null);
    interrupted.addEventListener('abort', () => done(null), { once: true });
  });
  const lastWords = await Promise.race([interruption, server.ended]);
  if (lastWords !== null) throw new CliError(`The server of the demo ended.\n${lastWords}`);
  print('\nEnding …');
  return 0;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
