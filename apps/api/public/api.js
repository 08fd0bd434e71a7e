/* global fetch */

export class ApiError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

let onSignedOut = () => undefined;
/** Called whenever the service says that nobody is signed in (any more). */
export function whenSignedOut(listener) {
  onSignedOut = listener;
}

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError('OFFLINE', 'The service does not answer. Check that it runs, then try again.');
  }
  const text = await response.text();
  let answer = null;
  try {
    answer = text === '' ? null : JSON.parse(text);
  } catch {
    // Something between us and the service answered.
  }
  if (response.ok) return answer;
  const code = answer?.code ?? `HTTP_${response.status}`;
  if (code === 'UNAUTHENTICATED' && path !== '/api/auth/login') onSignedOut();
  const details = (answer?.details ?? [])
    .map(({ message }) => message)
    .filter((detail) => detail && !answer.message.includes(detail));
  throw new ApiError(
    code,
    [answer?.message ?? `The service answered ${response.status}.`, ...details].join(' '),
  );
}

const id = encodeURIComponent;

export const api = {
  logIn: (key) => call('POST', '/api/auth/login', { key }),
  logOut: () => call('POST', '/api/auth/logout'),
  me: () => call('GET', '/api/me'),
  agents: async () => (await call('GET', '/api/agents')).items,
  sessions: async () => (await call('GET', '/api/sessions?limit=20')).items,
  credentials: async () => (await call('GET', '/api/credentials')).items,
  storeCredential: (secret) =>
    call(
      'POST',
      '/api/credentials',
      secret.startsWith('sk-ant-oat') ? { oauth_token: secret } : { api_key: secret },
    ),
  tasks: (cursor) => call('GET', `/api/tasks?limit=30${cursor ? `&cursor=${id(cursor)}` : ''}`),
  task: (taskId) => call('GET', `/api/tasks/${id(taskId)}`),
  startTask: (wish) => call('POST', '/api/tasks', wish),
  events: async (taskId, afterSeq) =>
    (await call('GET', `/api/tasks/${id(taskId)}/events?after_seq=${afterSeq}&limit=1000`)).items,
  cancel: (taskId) => call('POST', `/api/tasks/${id(taskId)}/cancel`),
  retry: (taskId) => call('POST', `/api/tasks/${id(taskId)}/retry`),
  giveInput: (taskId, text) => call('POST', `/api/tasks/${id(taskId)}/input`, { text }),
};
