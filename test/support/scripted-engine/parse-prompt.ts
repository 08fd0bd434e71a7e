import { ENGINE_FAILURES, type EngineFailure } from '../../../libs/engines/src/agent-engine.js';

/** What a run does, as its prompt says. */
export type Script =
  | { mode: 'ok'; events: number }
  | { mode: 'slow'; events: number; perSecond: number }
  | { mode: 'hang' }
  | { mode: 'crash'; at: number; once: boolean }
  | { mode: 'flood'; bytes: number }
  | { mode: 'fail'; failure: EngineFailure };

/** The first line that begins with a mode counts; everything else is padding, or what the service put around it. */
export function parsePrompt(prompt: string): Script | null {
  for (const line of prompt.split('\n')) {
    const script = parseLine(line);
    if (script) return script;
  }
  return null;
}

function parseLine(line: string): Script | null {
  const [, mode = '', detail = ''] = /^([a-z-]+)(?::([\w.@]+))?(?:\s|$)/.exec(line) ?? [];
  const [first = NaN, second = NaN] = detail.split('@').map(Number);
  switch (mode) {
    case 'ok':
      return first >= 0 ? { mode, events: first } : null;
    case 'slow':
      return first >= 0 && second > 0 ? { mode, events: first, perSecond: second } : null;
    case 'hang':
      return { mode };
    case 'crash':
    case 'crash-once':
      return first >= 1 ? { mode: 'crash', at: first, once: mode === 'crash-once' } : null;
    case 'flood':
      return first > 0 ? { mode, bytes: first * 1024 * 1024 } : null;
    case 'fail': {
      const failure = ENGINE_FAILURES.find((known) => known === detail);
      return failure ? { mode, failure } : null;
    }
    default:
      return null;
  }
}
