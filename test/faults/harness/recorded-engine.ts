import type { AgentEngine, AgentRun, EngineEvent, RunSpec } from '../../../libs/engines/src/agent-engine.js';
import { markOf } from '../checker/claims.js';
import type { RunEntry } from '../checker/history.js';

/** A task names itself in a line of its prompt, so that its runs can be told apart before they have an id. */
const KEY_LINE = /^key:(\S+)$/m;
export const promptOf = (script: string, key: string): string => `${script}\nkey:${key}`;

export type NoteRun = (entry: Pick<RunEntry, 'key' | 'runId' | 'what' | 'step'>) => void;

/** Any engine, with each run and each piece of its output noted before the service gets it, and marked in the text. */
export class RecordedEngine implements AgentEngine {
  constructor(
    private readonly engineFor: (prompt: string) => AgentEngine,
    private readonly note: NoteRun,
  ) {}

  get id(): string {
    return this.engineFor('').id;
  }

  get capabilities(): AgentEngine['capabilities'] {
    return this.engineFor('').capabilities;
  }

  check: AgentEngine['check'] = () => this.engineFor('').check();

  reapOrphans: AgentEngine['reapOrphans'] = () => this.engineFor('claude:').reapOrphans();

  start(spec: RunSpec): AgentRun {
    const run = this.engineFor(spec.prompt).start(spec);
    const key = KEY_LINE.exec(spec.prompt)?.[1] ?? 'no key';
    let step = 0;
    const note = (what: RunEntry['what']) => this.note({ key, runId: spec.runId, what, step });
    note('started');
    const marked = async function* (): AsyncGenerator<EngineEvent> {
      for await (const event of run.events) {
        if (event.type !== 'text.delta') {
          if (event.type === 'ended') note('ended');
          yield event;
          continue;
        }
        step += 1;
        note('step');
        yield { ...event, text: event.text + markOf(spec.runId, step) };
      }
    };
    return {
      runId: run.runId,
      events: marked(),
      done: run.done,
      send: (text, when) => run.send(text, when),
      respond: (requestId, decision) => run.respond(requestId, decision),
      interrupt: () => run.interrupt(),
      stop: (graceMs) => {
        note('stopped');
        return run.stop(graceMs);
      },
    };
  }
}
