import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { startServer, type RunningServer } from '../../../apps/api/src/bootstrap.js';
import { loadSettings, type Environment } from '../../../config/index.js';
import { tempDataDir } from '../../support/index.js';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** What JSON.parse gives: the expectations are its check. */
  body: ReturnType<typeof JSON.parse>;
}

export interface CallOptions {
  method?: string;
  key?: string;
  headers?: Record<string, string>;
  /** An object is sent as JSON, a string as it stands. */
  body?: unknown;
}

export interface TestServer {
  url: string;
  host: string;
  port: number;
  dataDir: string;
  adminKey: string;
  running: RunningServer;
  /** What was shown at the terminal. */
  printed: string[];
  call(path: string, options?: CallOptions): Promise<Answer>;
  makeKey(role: 'viewer' | 'operator' | 'admin', more?: object): Promise<{ key: string; key_id: string }>;
  close(): Promise<void>;
}

/** The whole server on a free port, with an empty SQLite database unless `env` says otherwise. */
export async function startTestServer(env: Environment = {}): Promise<TestServer> {
  const dataDir = env['DATA_DIR'] ?? (await tempDataDir());
  const settings = loadSettings({
    PORT: '0',
    LOG_LEVEL: 'silent',
    SHUTDOWN_GRACE_SECONDS: '0',
    ...env,
    DATA_DIR: dataDir,
  });
  const printed: string[] = [];
  const running = await startServer(settings, { print: (text) => printed.push(text) });
  const port = Number(new URL(running.url).port);
  const adminKey = running.firstKey ?? '';
  const call = (path: string, options: CallOptions = {}): Promise<Answer> => send(port, path, options);
  return {
    url: running.url,
    host: `localhost:${port}`,
    port,
    dataDir,
    adminKey,
    running,
    printed,
    call,
    close: () => running.close(),
    makeKey: async (role, more = {}) => {
      const body = { name: `${role} of a test`, role, ...more };
      const answer = await call('/api/keys', { method: 'POST', key: adminKey, body });
      if (answer.status !== 201) throw new Error(`no key was made: ${answer.text}`);
      return answer.body;
    },
  };
}

/** Plain node:http, because `fetch` does not let a test choose Host, Origin and Cookie. */
function send(port: number, path: string, options: CallOptions): Promise<Answer> {
  const { method = 'GET', key, headers = {}, body } = options;
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const all = {
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(payload === undefined ? {} : { 'content-length': String(Buffer.byteLength(payload)) }),
    ...(typeof body === 'object' ? { 'content-type': 'application/json' } : {}),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      path,
      method,
      headers: { host: `localhost:${port}`, ...all },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.includes('json') ?? false;
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          body: isJson && text !== '' ? JSON.parse(text) : null,
        });
      });
    });
    request.end(payload);
  });
}
