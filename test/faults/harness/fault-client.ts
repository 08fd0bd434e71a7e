import { setTimeout as delay } from 'node:timers/promises';
import { isNativeError } from 'node:util/types';
import type { Answer, ClientEntry } from '../checker/history.js';
import { now } from './clock.js';
import type { Ledger } from './ledger.js';

export interface Endpoint {
  name: string;
  url: string;
}

export interface ClientOptions {
  ledger: Ledger<ClientEntry>;
  /** The API key. */
  key: () => string;
  /** Where to send the n-th request: a dead node may be among them, as behind a careless balancer. */
  endpoints: readonly Endpoint[];
  /** Ends what is under way: the world that it belongs to is gone. */
  closed: AbortSignal;
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** The idempotency key, for the ledger. */
  key?: string;
  endpoint?: Endpoint;
  timeoutMs?: number;
}

export interface Called extends Answer {
  body: unknown;
}

const REQUEST_LIMIT_MS = 30_000;
const RETRY_AFTER_MS = 200;

/** A client that writes down, durably, what it is about to send and what it was told, before it goes on. */
export class FaultClient {
  private sent = 0;

  constructor(private readonly options: ClientOptions) {}

  /** Submits until a 202 comes, always with the same key, as docs/guarantees.md tells clients to. */
  async submit(
    key: string,
    wish: Record<string, unknown>,
    { limitMs = 120_000, endpoint }: { limitMs?: number; endpoint?: Endpoint } = {},
  ): Promise<string> {
    this.options.ledger.append({ kind: 'intent', at: now(), key });
    const deadline = performance.now() + limitMs;
    while (performance.now() < deadline) {
      const answer = await this.call('POST', '/api/tasks', {
        body: wish,
        headers: { 'Idempotency-Key': key },
        key,
        ...(endpoint ? { endpoint } : {}),
      });
      if (answer?.status === 202 && answer.taskId !== null) return answer.taskId;
      if (answer && answer.status < 500 && answer.status !== 429)
        throw new Error(`a submit was refused: ${answer.status} ${answer.code}`);
      await delay(RETRY_AFTER_MS, undefined, { signal: this.options.closed });
    }
    throw new Error(`a submit got no 202 within ${limitMs} ms`);
  }

  /** One request, to one node. Null: no answer. */
  async call(method: string, path: string, options: CallOptions = {}): Promise<Called | null> {
    const endpoint = options.endpoint ?? this.nextEndpoint();
    const startedAt = performance.now();
    const noted = { key: options.key ?? null, node: endpoint.name, request: `${method} ${path}` };
    let refused = false;
    const called = await this.exchange(method, endpoint.url + path, options).catch((error: unknown) => {
      refused = isRefused(error);
      return null;
    });
    this.options.closed.throwIfAborted();
    const tookMs = performance.now() - startedAt;
    const at = now();
    if (!called) {
      this.options.ledger.append({ kind: 'no-answer', at, ...noted, tookMs, refused });
      return null;
    }
    const { status, code, retryAfter, taskId } = called;
    const answer: Answer = { status, code, tookMs, retryAfter, taskId };
    this.options.ledger.append({ kind: 'answer', at, ...noted, answer });
    return { ...called, tookMs };
  }

  /** Asks how a task stands, and writes it down. Null: no answer, or none that says it. */
  async status(taskId: string): Promise<string | null> {
    const called = await this.call('GET', `/api/tasks/${taskId}`);
    const status = called?.status === 200 ? textIn(called.body, 'status') : null;
    if (status !== null) this.options.ledger.append({ kind: 'seen', at: now(), taskId, status });
    return status;
  }

  private nextEndpoint(): Endpoint {
    const { endpoints } = this.options;
    const endpoint = endpoints[this.sent++ % endpoints.length];
    if (!endpoint) throw new Error('there is no node to send to');
    return endpoint;
  }

  private async exchange(method: string, url: string, options: CallOptions): Promise<Called> {
    const response = await fetch(url, {
      method,
      headers: {
        Authorization: `Bearer ${this.options.key()}`,
        ...(options.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      signal: AbortSignal.any([
        this.options.closed,
        AbortSignal.timeout(options.timeoutMs ?? REQUEST_LIMIT_MS),
      ]),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('application/json') === true;
    const body: unknown = isJson && text !== '' ? JSON.parse(text) : text;
    return {
      status: response.status,
      code: textIn(body, 'code'),
      retryAfter: response.headers.get('retry-after'),
      taskId: textIn(body, 'task_id'),
      tookMs: 0,
      body,
    };
  }
}

function isRefused(error: unknown): boolean {
  // Jest gives its tests an `Error` of their own, of which what `fetch` throws is no instance.
  const { cause } = isNativeError(error) ? error : {};
  return isNativeError(cause) && 'code' in cause && cause.code === 'ECONNREFUSED';
}

function textIn(body: unknown, field: string): string | null {
  if (typeof body !== 'object' || body === null || !(field in body)) return null;
  const value: unknown = Reflect.get(body, field);
  return typeof value === 'string' ? value : null;
}
