import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asMessage, makeAnswer } from './answer.js';
import { BUILT_IN_SCENARIOS } from './built-in-scenarios.js';
import type { MessagesRequest, ScenarioCall } from './conversation.js';
import { fillIn, locateScenario, parseMessagesRequest, promptsOf } from './conversation.js';
import type { Scenario, Step, StepError } from './script.js';
import { streamAnswer } from './stream-answer.js';
import { UsageLimits } from './usage-limits.js';

export interface OfflineModelOptions {
  /** Added to the built-in scenarios; one of the same name replaces it. */
  scenarios?: Record<string, Scenario>;
  /** The scenario of a prompt that names none (default `plain`). */
  default?: string;
  /** 0, the default, takes any free port. */
  port?: number;
}

export interface OfflineModelRequest {
  path: string;
  scenario: string;
  step: number;
  stream: boolean;
  /** The key it came with. */
  key: string;
}

/**
 * A local server that speaks the Anthropic Messages API from a script: the real Claude Code runs real tools against
 * it with no network and no bill. For demo, tests and benchmarks only; it never stands in for a missing credential.
 */
export interface OfflineModel {
  /** What `RunSpec.baseUrl` wants. */
  readonly url: string;
  readonly port: number;
  /** A key it accepts. Any key will do, except those that start with `sk-ant-invalid` or `sk-ant-oat01-invalid`. */
  readonly apiKey: string;
  /** The model requests so far, oldest first; the last 1,000 are kept. */
  readonly requests: readonly OfflineModelRequest[];
  close(): Promise<void>;
}

const REFUSED_KEY = 'sk-ant-invalid';
/** The same for tokens of subscriptions, whose form is checked. */
const REFUSED_TOKEN = 'sk-ant-oat01-invalid';
const KEPT_REQUESTS = 1000;
const MAX_BODY_BYTES = 64 * 1024 * 1024;

export async function startOfflineModel(options: OfflineModelOptions = {}): Promise<OfflineModel> {
  const closing = new AbortController();
  const script = new ScriptedModel(options, closing.signal);
  const server = createServer((req, res) => {
    script.answer(req, res).catch(() => res.destroy());
  });
  // A conversation can pause for longer than Node's five seconds while a tool runs.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The offline model has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    apiKey: 'sk-ant-offline-model-demo-key',
    requests: script.requests,
    async close() {
      closing.abort();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

class ScriptedModel {
  readonly requests: OfflineModelRequest[] = [];
  readonly #scenarios: Record<string, Scenario>;
  readonly #default: string;
  readonly #attempts = new Map<string, number>();
  readonly #usageLimits = new UsageLimits();
  readonly #closing: AbortSignal;

  constructor(options: OfflineModelOptions, closing: AbortSignal) {
    this.#scenarios = { ...BUILT_IN_SCENARIOS, ...options.scenarios };
    this.#default = options.default ?? 'plain';
    this.#closing = closing;
  }

  async answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = (req.url ?? '/').split('?')[0] ?? '/';
    if (req.method === 'HEAD') return endJson(res, 200, undefined);
    const body = await readBody(req);
    if (!isAuthorized(req))
      return endError(res, { status: 401, type: 'authentication_error', message: 'invalid x-api-key' });
    if (path === '/v1/models')
      return endJson(res, 200, { data: [], has_more: false, first_id: null, last_id: null });
    if (path === '/v1/messages/count_tokens')
      return endJson(res, 200, { input_tokens: Math.ceil(body.length / 4) });
    if (path !== '/v1/messages')
      return endError(res, { status: 404, type: 'not_found_error', message: `no ${path} here` });
    const request = parseMessagesRequest(body);
    if (!request)
      return endError(res, { status: 400, type: 'invalid_request_error', message: 'not a messages request' });
    await this.#answerMessages(res, request, { bodyChars: body.length, key: keyOf(req) });
  }

  async #answerMessages(
    res: ServerResponse,
    request: MessagesRequest,
    { bodyChars, key }: { bodyChars: number; key: string },
  ): Promise<void> {
    const call = locateScenario(request.messages);
    const name = call.name ?? this.#default;
    const attempt = this.#countAttempt(
      `${request.conversationId}|${name}|${call.arg}|${request.messages.length}`,
    );
    this.#record({ path: '/v1/messages', scenario: name, step: call.step, stream: request.stream, key });
    const step = this.#stepOf(name, call, attempt, promptsOf(request.messages));
    if (step.hang) return;
    const limit = step.usageLimit && this.#usageLimits.check(`${name}|${call.arg}`, key, step.usageLimit);
    if (limit) return endError(res, limit.error, limit.headers);
    if (step.error && attempt <= (step.error.times ?? Infinity)) return endError(res, step.error);
    const firstCall = !request.messages.some((message) => message.role === 'assistant');
    const answer = makeAnswer(request.model, fillIn(step.blocks ?? [], call.arg), bodyChars, firstCall);
    const { breakOff, ...unbroken } = step;
    const pace = breakOff && attempt === 1 ? { ...unbroken, breakOff } : unbroken;
    if (request.stream) await streamAnswer(res, answer, pace, this.#closing);
    else endJson(res, 200, asMessage(answer));
  }

  #stepOf(name: string, call: ScenarioCall, attempt: number, prompts: string[]): Step {
    const scenario = this.#scenarios[name];
    if (!scenario)
      return { error: { status: 400, type: 'invalid_request_error', message: `no scenario ${name}` } };
    if (typeof scenario === 'function') return scenario({ arg: call.arg, step: call.step, attempt, prompts });
    return scenario[Math.min(call.step, scenario.length - 1)] ?? {};
  }

  #countAttempt(key: string): number {
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    if (this.#attempts.size > 10 * KEPT_REQUESTS) this.#attempts.clear();
    return attempt;
  }

  #record(request: OfflineModelRequest): void {
    this.requests.push(request);
    if (this.requests.length > KEPT_REQUESTS) this.requests.shift();
  }
}

function isAuthorized(req: IncomingMessage): boolean {
  const key = keyOf(req);
  return key !== '' && !key.startsWith(REFUSED_KEY) && !key.startsWith(REFUSED_TOKEN);
}

function keyOf(req: IncomingMessage): string {
  const header = req.headers['x-api-key'];
  const bearer = /^Bearer (.+)$/i.exec(req.headers.authorization ?? '')?.[1];
  return (typeof header === 'string' ? header : bearer) ?? '';
}

async function readBody(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('The request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function endJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(body === undefined ? undefined : JSON.stringify(body));
}

function endError(
  res: ServerResponse,
  { status, type, message, retryAfterSeconds }: StepError,
  headers: Record<string, string> = {},
): void {
  const all = { ...headers };
  if (retryAfterSeconds !== undefined) all['retry-after'] = String(retryAfterSeconds);
  endJson(res, status, { type: 'error', error: { type, message } }, all);
}
