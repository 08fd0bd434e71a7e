import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Application } from 'express';
import { routeTable, type Route } from '../../../apps/api/src/http/route-table.js';
import { startTestServer, type TestServer } from '../http/test-server.js';

/** Routes that need no key. A new one is a decision: it belongs here only with its reason. */
const OPEN = [
  'POST /api/auth/login', // takes the key
  'GET /api/health/live', // says that the process is up
  'GET /api/health/ready', // says one word without a key
  'POST /webhooks/github', // signed by GitHub
  'POST /webhooks/jira', // signed by Jira
];
/** What a viewer may do although it is not a GET. */
const FOR_VIEWERS = ['POST /api/auth/logout', 'POST /api/agents/validate', 'POST /api/skills/validate'];

let server: TestServer;
let routes: Route[];
let viewer: string;

beforeAll(async () => {
  server = await startTestServer();
  const app: Application = server.running.app.getHttpAdapter().getInstance();
  routes = routeTable(app);
  ({ key: viewer } = await server.makeKey('viewer'));
});
afterAll(() => server.close());

/** One by one rather than `it.each`: the routes are known only when the server runs. */
async function answers(
  of: (route: Route) => boolean,
  options: { key?: string; headers?: Record<string, string> },
) {
  const found = [];
  for (const { method, path } of routes.filter(of)) {
    const address = path.replace(/:\w+/g, '0190a000-0000-7000-8000-000000000000').replace(/\*\w+/g, 'x');
    const { status, headers, body } = await server.call(address, { method, ...options });
    found.push({
      route: `${method} ${path}`,
      status,
      code: body?.code,
      challenge: headers['www-authenticate'],
    });
  }
  return found;
}

const isOpen = ({ method, path }: Route): boolean => OPEN.includes(`${method} ${path}`);
const mutates = ({ method }: Route): boolean => method !== 'GET' && method !== 'HEAD';

describe('every route', () => {
  it('is in the table', () => {
    expect(routes.map(({ method, path }) => `${method} ${path}`)).toEqual(
      expect.arrayContaining(['GET /api/me', 'POST /api/keys', 'GET /api/docs', 'POST /api/tasks']),
    );
  });

  it.each([
    ['no key', {}],
    ['an unknown key', { authorization: `Bearer cca_${'x'.repeat(43)}` }],
    ['a malformed header', { authorization: 'Bearer' }],
    ['another scheme', { authorization: 'Basic YWRtaW46YWRtaW4=' }],
    ['an unknown cookie', { cookie: `cca_login=ccl_${'x'.repeat(43)}` }],
    [
      'headers that claim a user',
      { 'x-user': 'admin', 'x-forwarded-for': '127.0.0.1', 'x-remote-user': 'admin' },
    ],
  ])('that is not open answers 401 to %s', async (_what, headers) => {
    for (const answer of await answers((route) => !isOpen(route), { headers })) {
      expect(answer).toEqual({
        route: answer.route,
        status: 401,
        code: 'UNAUTHENTICATED',
        challenge: expect.stringContaining('Bearer'),
      });
    }
  });

  it('that changes something answers 403 to a viewer', async () => {
    const forViewers = ({ method, path }: Route): boolean => FOR_VIEWERS.includes(`${method} ${path}`);
    const refused = await answers((route) => mutates(route) && !isOpen(route) && !forViewers(route), {
      key: viewer,
    });
    expect(refused.length).toBeGreaterThan(3);
    for (const answer of refused)
      expect(answer).toMatchObject({ route: answer.route, status: 403, code: 'FORBIDDEN' });
  });

  it('never makes a mistake of ours of an empty request', async () => {
    for (const answer of await answers(() => true, { key: server.adminKey })) {
      expect(answer).not.toMatchObject({ status: 500 });
      if (answer.route === 'GET /api/tasks/:task_id/stream') expect(answer.status).toBe(404);
    }
  });
});
