import { setTimeout as sleep } from 'node:timers/promises';
import type { Query, query, SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import type {
  AgentRun,
  ApprovalDecision,
  EngineEvent,
  RunEnd,
  RunSpec,
  TurnOutcome,
} from '../agent-engine.js';
import { BackgroundAgents } from './background-agents.js';
import { runEnvironment } from './environment.js';
import type { HostEnv } from './environment.js';
import { charsOf } from './chars-of.js';
import { EventQueue } from './event-queue.js';
import { failureOfHopelessRetry } from './failure-of-result.js';
import { answeredMessages, belongsToTurn, brokenPlugins } from './message-facts.js';
import { MessageTranslator } from './message-translator.js';
import { PendingPermissions } from './pending-permissions.js';
import { PromptInput } from './prompt-input.js';
import { reapRun } from './reap-by-marker.js';
import { runOptions } from './run-options.js';
import type { RunTiming } from './run-timing.js';
import { RunWatchdog } from './run-watchdog.js';
import { SafeEvents } from './safe-events.js';
import { findSpecProblem } from './spec-problem.js';
import type { Host } from './spec-problem.js';
import { SupervisedProcess } from './supervised-process.js';

export interface Sdk {
  query: typeof query;
}

export interface RunSurroundings {
  host: Host;
  hostEnv: HostEnv;
  timing: RunTiming;
  executable: string | undefined;
  loadSdk: () => Promise<Sdk>;
  deathGuard: () => Promise<readonly string[]>;
}

/** One engine process and its conversation, from the first prompt to the last process. */
export class ClaudeRun implements AgentRun {
  readonly runId: string;
  readonly events: AsyncIterable<EngineEvent>;
  readonly done: Promise<RunEnd>;

  readonly #spec: RunSpec;
  readonly #around: RunSurroundings;
  readonly #queue: EventQueue<EngineEvent>;
  readonly #safe: SafeEvents;
  readonly #translator: MessageTranslator;
  readonly #input = new PromptInput();
  readonly #permissions = new PendingPermissions((event) => this.#emit(event));
  readonly #background = new BackgroundAgents();
  readonly #watchdog = new RunWatchdog();
  #query: Query | null = null;
  #process: SupervisedProcess | null = null;
  #lastTurn: TurnOutcome | null = null;
  /** A failure that was noticed before Claude Code would report it, or instead. */
  #verdict: TurnOutcome | null = null;
  #turnIsOver = false;
  #stop: Promise<void> | null = null;

  constructor(spec: RunSpec, around: RunSurroundings) {
    this.runId = spec.runId;
    this.#spec = spec;
    this.#around = around;
    this.#queue = new EventQueue<EngineEvent>(around.timing.backlog, charsOf);
    this.#safe = new SafeEvents([spec.credential.secret, ...(spec.otherSecrets ?? [])]);
    this.#translator = new MessageTranslator(spec.conversation.kind !== 'new');
    this.events = { [Symbol.asyncIterator]: () => this.#read() };
    this.#input.send(spec.prompt, 'asap');
    this.done = this.#run();
  }

  send(text: string, when: 'asap' | 'next-turn' = 'asap'): { messageId: string; accepted: boolean } {
    return this.#input.send(text, when);
  }

  respond(requestId: string, decision: ApprovalDecision): boolean {
    return this.#permissions.respond(requestId, decision);
  }

  async interrupt(): Promise<void> {
    const confirmed = this.#query?.interrupt().catch(() => undefined);
    await Promise.race([
      confirmed,
      this.done,
      sleep(this.#around.timing.interruptMs, undefined, { ref: false }),
    ]);
  }

  stop(graceMs = 3000): Promise<void> {
    this.#stop ??= this.#endWithin(graceMs);
    if (graceMs === 0) this.#process?.signal('SIGKILL');
    return this.#stop;
  }

  #read(): AsyncIterator<EngineEvent> {
    if (!this.#stop) this.#input.open();
    return this.#queue[Symbol.asyncIterator]();
  }

  async #run(): Promise<RunEnd> {
    let outcome: TurnOutcome;
    try {
      outcome = await this.#converse();
    } catch (error) {
      outcome = failed('not_startable', `Claude Code could not be started: ${messageOf(error)}`);
    }
    this.#input.end();
    this.#permissions.close('The run has ended.');
    const exit = await this.#endProcesses();
    const end: RunEnd = {
      outcome: this.#safe.outcome(outcome),
      sessionId: this.#translator.sessionId,
      exitCode: exit?.code ?? null,
      signal: exit?.signal ?? null,
    };
    this.#emit({ type: 'ended', end });
    this.#queue.close();
    return end;
  }

  async #converse(): Promise<TurnOutcome> {
    const { host, hostEnv, executable, loadSdk, deathGuard } = this.#around;
    const problem = await findSpecProblem(this.#spec, host);
    if (problem) return failed(problem.failure, problem.message);
    const [sdk, guard] = await Promise.all([loadSdk(), deathGuard()]);
    if (this.#stop) return { kind: 'interrupted' };
    const secret = this.#spec.credential.secret;
    this.#query = sdk.query({
      prompt: this.#input,
      options: runOptions(this.#spec, {
        executable,
        env: runEnvironment(this.#spec, hostEnv),
        canUseTool: this.#permissions.ask,
        spawnClaudeCodeProcess: (command) => {
          this.#process = new SupervisedProcess(command, { guard, secret, room: () => this.#queue.room() });
          return this.#process.forSdk;
        },
      }),
    });
    let crash: unknown = null;
    try {
      for await (const message of this.#query) {
        this.#accept(message);
        if (this.#verdict) break;
      }
    } catch (error) {
      // The SDK also throws after it has handed out an error result: that result is the better story.
      crash = error;
    }
    return this.#outcome(crash);
  }

  #accept(message: SDKMessage): void {
    for (const event of this.#translator.translate(message)) this.#emit(event);
    this.#background.notice(message);
    this.#verdict ??= this.#verdictOn(message);
    if (this.#verdict) {
      this.#process?.signal('SIGTERM');
      return;
    }
    const answered = message.type === 'result' ? answeredMessages(message) : null;
    if (answered) this.#input.markAnswered(answered);
    this.#watch(message);
  }

  #emit(event: EngineEvent): void {
    if (event.type === 'turn.finished') this.#lastTurn = event.outcome;
    for (const safe of this.#safe.clean(event)) this.#queue.push(safe);
  }

  /** What Claude Code would go on with, although the run cannot become what was asked for. */
  #verdictOn(message: SDKMessage): TurnOutcome | null {
    if (message.type !== 'system') return null;
    if (message.subtype === 'api_retry') {
      const failure = failureOfHopelessRetry(message.error);
      return (
        failure &&
        failed(failure, `The model API refused the request (${message.error_status ?? message.error}).`)
      );
    }
    if (message.subtype === 'init' && this.#spec.pluginDirs.length > 0) {
      const broken = brokenPlugins(message);
      return broken === null
        ? null
        : failed('agent_invalid', `The agent's skills could not be loaded: ${broken}`);
    }
    return null;
  }

  /** Ends the input once everything is answered, and makes sure that whatever is waited for has a limit. */
  #watch(message: SDKMessage): void {
    const { exitMs, unansweredMs } = this.#around.timing;
    if (message.type === 'result') this.#turnIsOver = true;
    else if (belongsToTurn(message)) this.#turnIsOver = false;

    if (this.#input.ended) this.#watchdog.set(exitMs, () => void this.#terminate());
    else if (!this.#turnIsOver) this.#watchdog.clear();
    else if (this.#stop) this.#endInput();
    else if (this.#background.isWorking) this.#watchdog.clear();
    else if (message.type === 'result' && this.#input.unansweredCount === 0) this.#endInput();
    // A follow-up, or the report of a subagent in the background, is to start a turn of its own now.
    else this.#watchdog.set(unansweredMs, () => this.#endInput());
  }

  #endInput(): void {
    this.#input.end();
    this.#watchdog.set(this.#around.timing.exitMs, () => void this.#terminate());
    // The SDK keeps the pipe open until it believes that all work has ended; a stopped run does not wait for that.
    if (this.#stop) this.#query?.close();
  }

  async #terminate(): Promise<void> {
    await this.#process?.terminate(this.#around.timing.killMs);
  }

  async #endWithin(graceMs: number): Promise<void> {
    this.#queue.liftLimit();
    this.#permissions.close('The run was stopped.');
    const watchdog = new RunWatchdog();
    watchdog.set(graceMs, () => {
      this.#input.end();
      void this.#terminate();
    });
    if (this.#input.opened) this.#query?.interrupt().catch(() => undefined);
    else {
      this.#input.end();
      this.#query?.close();
    }
    await this.done;
    watchdog.clear();
  }

  async #endProcesses(): Promise<{ code: number | null; signal: string | null } | null> {
    const { exitMs, killMs } = this.#around.timing;
    const engine = this.#process;
    if (engine && !(await engine.exitsWithin(exitMs))) await engine.terminate(killMs);
    this.#watchdog.clear();
    engine?.endGroup();
    await reapRun(this.runId);
    return engine ? engine.exited : null;
  }

  #outcome(crash: unknown): TurnOutcome {
    const left = this.#input.unansweredCount;
    if (this.#verdict) return this.#verdict;
    if (this.#stop)
      return this.#lastTurn?.kind === 'success' && left === 0 ? this.#lastTurn : { kind: 'interrupted' };
    if (this.#lastTurn && !(this.#lastTurn.kind === 'success' && left > 0)) return this.#lastTurn;
    const tail = this.#process?.stderrTail;
    const story = tail === undefined || tail === '' ? messageOf(crash) : tail;
    // Without an init there was no conversation yet: nothing was lost, and nothing was spent.
    const started = this.#translator.sessionId !== null;
    return failed(started ? 'crashed' : 'not_startable', `Claude Code ended without a result: ${story}`);
  }
}

const failed = (
  failure: Extract<TurnOutcome, { kind: 'failed' }>['failure'],
  message: string,
): TurnOutcome => ({
  kind: 'failed',
  failure,
  message,
});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'its output ended.');
