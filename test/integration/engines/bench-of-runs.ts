import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { ClaudeCodeEngine, startOfflineModel } from '@app/engines';
import type { AgentRun, EngineEvent, OfflineModel, RunEnd, RunSpec, Scenario } from '@app/engines';
import { tempDataDir } from '../../support/index.js';

// A run takes half a second here and many times that on a busy machine; each wait has its own limit in the engine.
jest.setTimeout(60_000);

export type EventOf<T extends EngineEvent['type']> = EngineEvent & { type: T };

/** The real engine and the offline model, with folders of their own. */
export interface Bench {
  engine: ClaudeCodeEngine;
  model: OfflineModel;
  folder: string;
  configDir: string;
  spec(prompt: string, changes?: Partial<RunSpec>): Promise<RunSpec>;
  start(prompt: string, changes?: Partial<RunSpec>): Promise<WatchedRun>;
  /** Runs to the end. */
  run(prompt: string, changes?: Partial<RunSpec>): Promise<FinishedRun>;
  close(): Promise<void>;
}

export interface FinishedRun {
  events: EngineEvent[];
  end: RunEnd;
  workspaceDir: string;
}

/** A run whose events are read as they come. */
export class WatchedRun {
  readonly events: EngineEvent[] = [];
  readonly #read: Promise<void>;
  #wake: (() => void) | null = null;

  constructor(
    readonly run: AgentRun,
    readonly spec: RunSpec,
  ) {
    this.#read = this.#readAll();
  }

  async until<T extends EngineEvent['type']>(
    type: T,
    is: (event: EventOf<T>) => boolean = () => true,
  ): Promise<EventOf<T>> {
    let seen = 0;
    for (;;) {
      for (const event of this.events.slice(seen)) if (isOf(event, type) && is(event)) return event;
      seen = this.events.length;
      if (this.events.at(-1)?.type === 'ended') throw new Error(`The run ended without ${type}.`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async finished(): Promise<FinishedRun> {
    await this.#read;
    return { events: this.events, end: await this.run.done, workspaceDir: this.spec.workspaceDir };
  }

  async #readAll(): Promise<void> {
    for await (const event of this.run.events) {
      this.events.push(event);
      this.#wake?.();
    }
  }
}

const isOf = <T extends EngineEvent['type']>(event: EngineEvent, type: T): event is EventOf<T> =>
  event.type === type;

export const eventsOf = <T extends EngineEvent['type']>(events: EngineEvent[], type: T): EventOf<T>[] =>
  events.filter((event): event is EventOf<T> => isOf(event, type));

export async function openBench(scenarios: Record<string, Scenario> = {}): Promise<Bench> {
  const folder = await tempDataDir('engines');
  const model = await startOfflineModel({ scenarios });
  const configDir = join(folder, 'claude');
  const { PATH, HOME } = process.env;
  const engine = new ClaudeCodeEngine({ hostEnv: { PATH, HOME, SERVICE_SECRET: 'not for runs' }, configDir });
  const started: AgentRun[] = [];
  const bench: Bench = {
    engine,
    model,
    folder,
    configDir,
    async spec(prompt, changes = {}) {
      const runId = randomUUID();
      const workspaceDir = join(folder, 'workspaces', runId);
      await mkdir(workspaceDir, { recursive: true });
      return {
        runId,
        prompt,
        workspaceDir,
        instructions: 'You are a test.',
        pluginDirs: [],
        subagents: [],
        permissionMode: 'acceptEdits',
        allowedTools: ['Bash'],
        disallowedTools: [],
        conversation: { kind: 'new', id: randomUUID() },
        trustWorkspace: false,
        credential: { kind: 'api_key', secret: model.apiKey },
        configDir,
        baseUrl: model.url,
        ...changes,
      };
    },
    async start(prompt, changes) {
      const spec = await bench.spec(prompt, changes);
      const run = engine.start(spec);
      started.push(run);
      return new WatchedRun(run, spec);
    },
    async run(prompt, changes) {
      return (await bench.start(prompt, changes)).finished();
    },
    async close() {
      // Those of a test that failed halfway.
      await Promise.all(started.map((run) => run.stop()));
      await model.close();
    },
  };
  return bench;
}

/** The processes that carry the marker of a run, daemons included, with their command lines. */
export async function processesOf(runId: string): Promise<{ pid: number; command: string }[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      if (!environ.includes(`AGENT_RUN_ID=${runId}\0`)) return null;
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid, command: command.replaceAll('\0', ' ') };
    }),
  );
  return found.filter((entry) => entry !== null);
}
