import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  AgentRun,
  EngineEvent,
  RunEnd,
  RunSpec,
  TurnOutcome,
} from '../../../libs/engines/src/agent-engine.js';
import { parsePrompt, type Script } from './parse-prompt.js';

const CHUNK = 'x'.repeat(64 * 1024);

/** One run without a process: it makes the next event only when the reader asks for it. */
export class ScriptedRun implements AgentRun {
  readonly runId: string;
  readonly events: AsyncIterable<EngineEvent>;
  readonly done: Promise<RunEnd>;
  private readonly stopping = new AbortController();
  private readonly heard: string[] = [];
  private resolveDone: (end: RunEnd) => void = () => undefined;
  private over = false;
  private made = 0;

  constructor(private readonly spec: RunSpec) {
    this.runId = spec.runId;
    this.done = new Promise((resolve) => (this.resolveDone = resolve));
    this.events = this.play();
  }

  send(text: string): { messageId: string; accepted: boolean } {
    const accepted = !this.over;
    if (accepted) this.heard.push(text);
    return { messageId: `input-${this.heard.length}`, accepted };
  }

  respond(): boolean {
    return false;
  }

  interrupt(): Promise<void> {
    return this.stop();
  }

  stop(): Promise<void> {
    this.stopping.abort();
    return Promise.resolve();
  }

  private async *play(): AsyncGenerator<EngineEvent> {
    let outcome: TurnOutcome = { kind: 'interrupted' };
    try {
      yield { type: 'session', sessionId: this.spec.conversation.id };
      yield { type: 'init', ...CONTENTS, permissionMode: this.spec.permissionMode };
      const script = parsePrompt(this.spec.prompt);
      if (script) yield* this.perform(script);
      yield* this.answerHeard();
      this.over = true;
      outcome = this.stopping.signal.aborted ? { kind: 'interrupted' } : outcomeOf(script);
      yield {
        type: 'turn.finished',
        outcome,
        result: outcome.kind === 'success' ? `${this.made} events` : null,
        turns: 1,
        durationMs: 1,
        usage: [USAGE],
      };
      yield { type: 'ended', end: this.endWith(outcome) };
    } finally {
      this.over = true;
      this.resolveDone(this.endWith(outcome));
    }
  }

  private async *perform(script: Script): AsyncGenerator<EngineEvent> {
    switch (script.mode) {
      case 'ok':
      case 'slow':
        for (let at = 1; at <= script.events && !this.stopping.signal.aborted; at += 1) {
          if (script.mode === 'slow') await this.pause(1000 / script.perSecond);
          yield* this.answerHeard();
          yield this.output(`event ${at}`);
        }
        return;
      case 'hang':
        yield this.output('waiting to be stopped');
        while (!this.stopping.signal.aborted) {
          await this.pause(50);
          yield* this.answerHeard();
        }
        return;
      case 'crash':
        for (let at = 1; ; at += 1) {
          if (at === script.at && !(script.once && this.hasCrashed())) this.crash();
          yield this.output(`event ${at}`);
          if (at >= script.at) return;
        }
      case 'flood':
        for (let sent = 0; sent < script.bytes && !this.stopping.signal.aborted; sent += CHUNK.length)
          yield { type: 'text.delta', messageId: this.runId, text: CHUNK };
        return;
      case 'fail':
        return;
    }
  }

  /** The way of a power cut: no handler runs, nothing is flushed. */
  private crash(): void {
    writeFileSync(this.crashed, '');
    process.kill(process.pid, 'SIGKILL');
  }

  /** Some run of this session did. The conversation tells nothing: the crash may come before anything is stored. */
  private hasCrashed(): boolean {
    return existsSync(this.crashed);
  }

  private get crashed(): string {
    return join(this.spec.workspaceDir, 'crashed-once');
  }

  /** Each with a message id of its own, so that the service does not join them into one. */
  private output(text: string): EngineEvent {
    this.made += 1;
    return { type: 'text.delta', messageId: `${this.runId}-${this.made}`, text };
  }

  private *answerHeard(): Generator<EngineEvent> {
    for (const text of this.heard.splice(0)) yield this.output(`heard: ${text}`);
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  private endWith(outcome: TurnOutcome): RunEnd {
    return { outcome, sessionId: this.spec.conversation.id, exitCode: null, signal: null };
  }
}

const CONTENTS = { version: 'scripted', model: 'scripted', tools: [], skills: [], mcpFailed: [] };

const USAGE = {
  model: 'scripted',
  inputTokens: 10,
  outputTokens: 20,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0.001,
  costBasis: 'scripted',
};

function outcomeOf(script: Script | null): TurnOutcome {
  if (!script) {
    return { kind: 'failed', failure: 'invalid_request', message: 'The prompt names no mode of the script.' };
  }
  if (script.mode !== 'fail') return { kind: 'success' };
  return { kind: 'failed', failure: script.failure, message: `The script says ${script.failure}.` };
}
