import { CliError } from '../cli-error.js';

const TIMEOUT_MS = 30_000;

export interface Access {
  /** Without a slash at the end. */
  url: string;
  key: string;
}

/** The HTTP API of a server, with refusals as `CliError`s that can be shown. */
export class ApiClient {
  constructor(readonly access: Access) {}

  get<T>(path: string): Promise<T> {
    return this.request<T>('GET', path);
  }

  post<T>(path: string, body: object = {}): Promise<T> {
    return this.request<T>('POST', path, body);
  }

  /** As a form, with the files in it. */
  sendForm<T>(path: string, form: FormData): Promise<T> {
    return this.request<T>('POST', path, form);
  }

  async download(path: string): Promise<Buffer> {
    const response = await this.call('GET', path);
    return Buffer.from(await response.arrayBuffer());
  }

  async delete(path: string): Promise<void> {
    await this.request<undefined>('DELETE', path);
  }

  private async request<T>(method: string, path: string, body?: object): Promise<T> {
    const text = await (await this.call(method, path, body)).text();
    // The one border where the type is believed: both ends come from this repository, and only text is shown.
    return (text === '' ? undefined : parseJson(text, this.access.url)) as T;
  }

  /** The answer, when it is no refusal. */
  private async call(method: string, path: string, body?: object): Promise<Response> {
    const { url, key } = this.access;
    const isForm = body instanceof FormData;
    const response = await this.send(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        'x-client': 'cli',
        // Of a form, fetch says the type by itself: the border between its parts is in it.
        ...(body && !isForm ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw refusal(response.status, await response.text(), url);
    return response;
  }

  private async send(address: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(address, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') {
        throw new CliError(`The server at ${this.access.url} did not answer within 30 seconds.`);
      }
      throw unreachable(this.access.url);
    }
  }
}

export function unreachable(url: string): CliError {
  return new CliError(
    `No server answers at ${url}. Start one with \`claude-agent serve\`, or name another with --url or CLAUDE_AGENT_URL.`,
  );
}

function refusal(status: number, text: string, url: string): CliError {
  const body: unknown = parseJson(text, url);
  if (typeof body !== 'object' || body === null || !('code' in body) || !('message' in body)) {
    return notOurs(url);
  }
  const lines = [`${String(body.code)}: ${String(body.message)}`];
  if ('details' in body && Array.isArray(body.details)) {
    const details = body.details as unknown[];
    for (const detail of details) {
      const text = describeDetail(detail);
      // The message of a single mistake has all of it, but for the name of the field.
      const known = details.length === 1 ? messageOf(detail) : text;
      if (!lines.some((line) => line.includes(known))) lines.push(`  - ${text}`);
    }
  }
  if (status === 401) lines.push('Give a valid key with --key or CLAUDE_AGENT_KEY.');
  return new CliError(lines.join('\n'));
}

function describeDetail(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return String(detail);
  const field = 'field' in detail ? `${String(detail.field)}: ` : '';
  return field + messageOf(detail);
}

const messageOf = (detail: unknown): string =>
  typeof detail === 'object' && detail !== null && 'message' in detail ? String(detail.message) : '';

function parseJson(text: string, url: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw notOurs(url);
  }
}

const notOurs = (url: string): CliError =>
  new CliError(`What answers at ${url} is not Claude Code Agent. Name the right address with --url.`);
