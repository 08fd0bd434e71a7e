/**
 * The script format of the offline model. A scenario is a list of steps; step n answers the n-th request of a
 * prompt (a tool call and its result make the next step), and the last step answers whatever follows. Everything
 * here can be written as JSON, except the function form of a scenario.
 */
export type Block =
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string }
  | { type: 'tool_use'; name: string; input: Record<string, unknown> };

/** An error answer of the API. `times` fails only the first n requests of the step, then answers its blocks. */
export interface StepError {
  status: number;
  type: string;
  message: string;
  retryAfterSeconds?: number;
  times?: number;
}

/**
 * From the first request of a key on, for so many seconds, all of that key are refused as those of a subscription that is
 * used up.
 */
export interface StepUsageLimit {
  seconds: number;
  /** Only keys that begin with this are limited; left out: every key. */
  forKey?: string;
  /** Which limit it is, as the API names it; `five_hour` when left out, and `seven_day_opus` is one of a model alone. */
  claim?: string;
}

export interface Step {
  blocks?: Block[];
  error?: StepError;
  usageLimit?: StepUsageLimit;
  /** Wait before each delta. */
  delayMs?: number;
  /** A steady rate of deltas, for benchmarks; wins over `delayMs`. */
  deltasPerSecond?: number;
  /** After the first block's deltas of the first streamed answer: the socket ends, or an `error` event is sent. */
  breakOff?: 'socket' | 'error-event';
  /** Never answer. */
  hang?: boolean;
}

export interface StepContext {
  /** What stood in brackets after the scenario's name. */
  arg: string | undefined;
  /** How many assistant turns followed the prompt that named the scenario. */
  step: number;
  /** How often this step of this conversation has been asked for, from 1. */
  attempt: number;
  /** All prompts of the conversation so far, oldest first, the current one last. */
  prompts: string[];
}

export type Scenario = Step[] | ((context: StepContext) => Step);

/** A file for the stand-alone server. */
export interface Script {
  default?: string;
  scenarios: Record<string, Step[]>;
}

export const say = (text: string): Block => ({ type: 'text', text });
export const think = (thinking: string): Block => ({ type: 'thinking', thinking });
export const use = (name: string, input: Record<string, unknown>): Block => ({
  type: 'tool_use',
  name,
  input,
});
