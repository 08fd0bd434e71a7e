import type { Block, Script, Step, StepError } from './script.js';

/** Reads a script file; the message of an error names the place, such as `scenarios.fix[1].blocks[0]`. */
export function parseScript(json: string): Script {
  const root = asRecord(JSON.parse(json), 'script');
  const scenarios = Object.entries(asRecord(root['scenarios'], 'scenarios')).map(([name, steps]) => {
    const place = `scenarios.${name}`;
    return [name, asList(steps, place).map((step, index) => parseStep(step, `${place}[${index}]`))] as const;
  });
  const fallback = optional(root['default'], asText, 'default');
  return {
    scenarios: Object.fromEntries(scenarios),
    ...(fallback === undefined ? {} : { default: fallback }),
  };
}

function parseStep(value: unknown, place: string): Step {
  const raw = asRecord(value, place);
  const step: Step = {};
  if (raw['blocks'] !== undefined) {
    step.blocks = asList(raw['blocks'], `${place}.blocks`).map((b, i) =>
      parseBlock(b, `${place}.blocks[${i}]`),
    );
  }
  if (raw['error'] !== undefined) step.error = parseError(raw['error'], `${place}.error`);
  if (raw['usageLimit'] !== undefined) {
    const limit = asRecord(raw['usageLimit'], `${place}.usageLimit`);
    const forKey = optional(limit['forKey'], asText, `${place}.usageLimit.forKey`);
    const claim = optional(limit['claim'], asText, `${place}.usageLimit.claim`);
    step.usageLimit = {
      seconds: asNumber(limit['seconds'], `${place}.usageLimit.seconds`),
      ...(forKey === undefined ? {} : { forKey }),
      ...(claim === undefined ? {} : { claim }),
    };
  }
  if (raw['delayMs'] !== undefined) step.delayMs = asNumber(raw['delayMs'], `${place}.delayMs`);
  if (raw['deltasPerSecond'] !== undefined) {
    step.deltasPerSecond = asNumber(raw['deltasPerSecond'], `${place}.deltasPerSecond`);
  }
  const breakOff = raw['breakOff'];
  if (breakOff === 'socket' || breakOff === 'error-event') step.breakOff = breakOff;
  else if (breakOff !== undefined) throw wrong(`${place}.breakOff`, '"socket" or "error-event"');
  if (raw['hang'] === true) step.hang = true;
  return step;
}

function parseBlock(value: unknown, place: string): Block {
  const raw = asRecord(value, place);
  switch (raw['type']) {
    case 'text':
      return { type: 'text', text: asText(raw['text'], `${place}.text`) };
    case 'thinking':
      return { type: 'thinking', thinking: asText(raw['thinking'], `${place}.thinking`) };
    case 'tool_use':
      return {
        type: 'tool_use',
        name: asText(raw['name'], `${place}.name`),
        input: asRecord(raw['input'] ?? {}, `${place}.input`),
      };
    default:
      throw wrong(`${place}.type`, '"text", "thinking" or "tool_use"');
  }
}

function parseError(value: unknown, place: string): StepError {
  const raw = asRecord(value, place);
  const retryAfterSeconds = optional(raw['retryAfterSeconds'], asNumber, `${place}.retryAfterSeconds`);
  const times = optional(raw['times'], asNumber, `${place}.times`);
  return {
    status: asNumber(raw['status'], `${place}.status`),
    type: asText(raw['type'], `${place}.type`),
    message: asText(raw['message'], `${place}.message`),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(times === undefined ? {} : { times }),
  };
}

function optional<T>(
  value: unknown,
  parse: (value: unknown, place: string) => T,
  place: string,
): T | undefined {
  return value === undefined ? undefined : parse(value, place);
}

function asRecord(value: unknown, place: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(place, 'an object');
  return Object.fromEntries(Object.entries(value));
}

function asList(value: unknown, place: string): unknown[] {
  if (!Array.isArray(value)) throw wrong(place, 'a list');
  return value;
}

function asText(value: unknown, place: string): string {
  if (typeof value !== 'string') throw wrong(place, 'a text');
  return value;
}

function asNumber(value: unknown, place: string): number {
  if (typeof value !== 'number') throw wrong(place, 'a number');
  return value;
}

const wrong = (place: string, wanted: string): Error =>
  new Error(`Offline model script: ${place} has to be ${wanted}.`);
