import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClaudeCodeEngine, use } from '@app/engines';
import type { RunSpec } from '@app/engines';
import { waitFor } from '../../support/index.js';
import { ensureBuilt } from '../../support/program.js';
import { eventsOf, openBench, processesOf, WatchedRun } from './bench-of-runs.js';
import type { Bench } from './bench-of-runs.js';

const IN_FRONT = 'sleep 4321';
const DAEMON = 'sleep 8765';

describe('the processes of a run', () => {
  let bench: Bench;
  beforeAll(async () => {
    const daemon = `nohup ${DAEMON} >/dev/null 2>&1 &`;
    const command = (line: string) => use('Bash', { command: line, description: 'Start' });
    bench = await openBench({
      daemon: [{ blocks: [command(daemon)] }, { blocks: [{ type: 'text', text: 'Left something behind.' }] }],
      both: [{ blocks: [command(`${daemon} until ${IN_FRONT}; do :; done`)] }],
      orphan: [{ blocks: [command(daemon)] }, { hang: true }],
    });
  });
  afterAll(() => bench.close());

  const areRunning = (runId: string, commands: string[]) => async (): Promise<boolean> => {
    const running = (await processesOf(runId)).map(({ command }) => command.trim());
    return commands.every((command) => running.includes(command));
  };

  it('are all gone when a stop during a command resolves, a daemon included', async () => {
    const watched = await bench.start('SCENARIO:both');
    await waitFor(areRunning(watched.spec.runId, [IN_FRONT, DAEMON]), {
      timeoutMs: 30_000,
      what: 'the command to run',
    });
    const startedAt = performance.now();
    await watched.run.stop();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(await processesOf(watched.spec.runId)).toEqual([]);
    const { end } = await watched.finished();
    expect(end.outcome).toEqual({ kind: 'interrupted' });
  });

  it('are all gone at a good end too', async () => {
    const { end, events } = await bench.run('SCENARIO:daemon');
    expect(end.outcome).toEqual({ kind: 'success' });
    expect(events.at(-1)?.type).toBe('ended');
    expect(await allProcesses()).toEqual([]);
  });

  it('are all gone when the engine process is killed, and the run says that it crashed', async () => {
    const watched = await bench.start('SCENARIO:both');
    await waitFor(areRunning(watched.spec.runId, [IN_FRONT, DAEMON]), {
      timeoutMs: 30_000,
      what: 'the command to run',
    });
    const claude = (await processesOf(watched.spec.runId)).find(({ command }) =>
      command.includes('stream-json'),
    );
    process.kill(claude?.pid ?? 0, 'SIGKILL');
    const { end } = await watched.finished();
    expect(end).toMatchObject({ outcome: { kind: 'failed', failure: 'crashed' }, signal: 'SIGKILL' });
    expect(await processesOf(watched.spec.runId)).toEqual([]);
  });

  it('are ended by force when Claude Code hangs after its result, and the result stands', async () => {
    const watched = new WatchedRun(
      stubbornEngine().start(await bench.spec('Anything.')),
      await bench.spec(''),
    );
    const { end, events } = await watched.finished();
    expect(end).toMatchObject({ outcome: { kind: 'success' }, signal: 'SIGKILL' });
    expect(eventsOf(events, 'init')).toMatchObject([{ mcpFailed: ['broken'] }]);
    expect(eventsOf(events, 'note').map(({ kind }) => kind)).toEqual(['never_heard_of']);
  });

  it('are not told the prompt before somebody reads the run, and never when it is stopped before that', async () => {
    const spec = await bench.spec('Anything.');
    const run = stubbornEngine().start(spec);
    const heard = () => readFile(join(spec.workspaceDir, 'heard.txt'), 'utf8').catch(() => '');
    await waitFor(async () => (await heard()).includes('control_request'), { what: 'Claude Code to start' });
    await run.stop();
    const { end } = await new WatchedRun(run, spec).finished();
    expect(end.outcome).toEqual({ kind: 'interrupted' });
    expect(await heard()).not.toContain('user');
    expect(await processesOf(spec.runId)).toEqual([]);
  });

  it('can be stopped before they have started, and more than once', async () => {
    const watched = await bench.start('SCENARIO:plain');
    await Promise.all([watched.run.stop(), watched.run.stop()]);
    expect((await watched.finished()).end.outcome).toEqual({ kind: 'interrupted' });
    expect(await processesOf(watched.spec.runId)).toEqual([]);
  });

  it('end when their host is killed; a daemon is found afterwards, but not by another service', async () => {
    const spec = await bench.spec('SCENARIO:orphan');
    const host = await startHost(spec, join(bench.folder, 'host.json'));
    await waitFor(
      () => bench.model.requests.some(({ scenario, step }) => scenario === 'orphan' && step === 1),
      {
        timeoutMs: 30_000,
        what: 'the daemon to be left behind',
      },
    );
    // Its owner lives: another service that shares the data folder may start, and must leave it alone.
    expect(await bench.engine.reapOrphans()).toBe(0);
    const exited = once(host, 'exit');
    host.kill('SIGKILL');
    await exited;
    const left = (): Promise<string[]> =>
      processesOf(spec.runId).then((all) => all.map((p) => p.command.trim()));
    await waitFor(async () => isDeepStrictEqual(await left(), [DAEMON]), {
      timeoutMs: 30_000,
      what: 'claude to end',
    });

    const other = new ClaudeCodeEngine({ hostEnv: {}, configDir: join(bench.folder, 'another') });
    expect(await other.reapOrphans()).toBe(0);
    expect(await left()).toEqual([DAEMON]);
    expect(await bench.engine.reapOrphans()).toBe(1);
    expect(await left()).toEqual([]);
  });

  function stubbornEngine(): ClaudeCodeEngine {
    const executable = fileURLToPath(new URL('./stubborn-claude.mjs', import.meta.url));
    const { PATH } = process.env;
    const timing = { exitMs: 200, killMs: 200 };
    return new ClaudeCodeEngine({ hostEnv: { PATH }, configDir: bench.configDir, executable, timing });
  }

  /** What any run of this bench has left. */
  async function allProcesses(): Promise<string[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const environs = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')),
    );
    return environs.filter((environ) => environ.includes(`CLAUDE_CONFIG_DIR=${bench.configDir}\0`));
  }
});

/** The engine in a process of its own, to be killed. It reads its run from a file: no credential on a command line. */
async function startHost(spec: RunSpec, file: string): Promise<ChildProcess> {
  await writeFile(file, JSON.stringify(spec), { mode: 0o600 });
  ensureBuilt();
  return spawn(process.execPath, ['dist/test/integration/engines/host-of-a-run.js', file], {
    stdio: 'ignore',
  });
}
