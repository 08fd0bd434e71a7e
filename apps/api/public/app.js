/* global document, history, location, localStorage, navigator, URLSearchParams, window */
import { api, whenSignedOut } from './api.js';
import { announce, badge, byId, el, firstLine, sendByKeys, showProblem, submitting } from './dom.js';
import { Live } from './live.js';
import { TaskList } from './task-list.js';
import { TaskPane } from './task-pane.js';

const DRAFT = 'draft';
const CONNECTION = {
  connecting: ['arc', 'busy', 'Connecting'],
  live: ['check', 'good', 'Live'],
  reconnecting: ['arc', 'busy', 'Reconnecting'],
  offline: ['cross', 'bad', 'Offline'],
};
/** A limited one is used again when its limit ends. */
const USABLE = ['active', 'limited', 'standby'];
const CREDENTIAL_REASONS = ['credentials_missing', 'auth_failed'];

let me = null;
let pane = null;
let wanted = null;
let wasLost = false;
const list = new TaskList();
const live = new Live((state) => {
  byId('connection').replaceChildren(badge(...CONNECTION[state]));
  if (state === 'offline') announce('The connection is lost.');
  if (state === 'live' && wasLost) announce('Connected again.');
  wasLost = state === 'reconnecting' || state === 'offline';
});
const mayOperate = () => me?.role === 'operator' || me?.role === 'admin';

const place = () => new URLSearchParams(location.hash.slice(1));

/** The key of a link is used once and taken out of the address bar first. */
function takeKey() {
  const key = place().get('key');
  if (key !== null) history.replaceState(null, '', location.pathname + location.search);
  return key;
}

async function begin() {
  const key = takeKey();
  try {
    if (key) await api.logIn(key);
    me = await api.me();
  } catch (error) {
    return showSignIn(key || error.code !== 'UNAUTHENTICATED' ? error : null);
  }
  showApp();
}

function showSignIn(error = null) {
  me = null;
  live.disconnect();
  closePane();
  list.clear();
  byId('app').hidden = true;
  byId('sign-in').hidden = false;
  document.title = 'Sign in – Claude Code Agent';
  showProblem(byId('sign-in'), error);
  byId('key').focus();
}

function showApp() {
  byId('sign-in').hidden = true;
  byId('app').hidden = false;
  byId('who').textContent = `${me.name} (${me.role})`;
  byId('new-task').hidden = !mayOperate();
  list.clear();
  void showCredential();
  void showChoices();
  live.connect();
  void list.reload();
  showPlace();
}

async function showChoices() {
  const [agents, sessions] = await Promise.all([
    api.agents().catch(() => []),
    api.sessions().catch(() => []),
  ]);
  const usable = agents.filter(({ problem }) => problem === null);
  const options = usable.map(({ name, description }) =>
    el('option', { value: name, title: description }, name),
  );
  const brain = usable.some(({ name }) => name === 'brain') ? [] : [el('option', { value: '' }, 'brain')];
  fill(byId('agent'), [...brain, ...options]);
  const old = sessions.map(({ session_id, title }) =>
    el('option', { value: session_id }, firstLine(title ?? session_id).slice(0, 60)),
  );
  fill(byId('session'), [el('option', { value: '' }, 'New session'), ...old]);
  chooseSession();
}

function fill(select, options) {
  const { value } = select;
  select.replaceChildren(...options);
  if (options.some((option) => option.value === value)) select.value = value;
}

/** A session keeps its agent. */
function chooseSession() {
  byId('agent').disabled = byId('session').value !== '';
}

/** `refused`: Claude did not take the one that is stored. */
async function showCredential(refused = false) {
  const banner = byId('credential');
  const stored = (await api.credentials().catch(() => null))?.filter(({ provider }) => provider === 'claude');
  const usable = stored?.some(({ status }) => USABLE.includes(status)) ?? true;
  const invalid = !usable && stored.some(({ status }) => status === 'invalid');
  banner.hidden = usable && !refused;
  if (refused || invalid) askForCredential(banner, 'Claude refused the credential.');
  else if (!usable) {
    const unreadable = stored.length > 0;
    askForCredential(
      banner,
      unreadable ? 'The Claude credential cannot be read.' : 'No Claude credential is stored.',
    );
  }
}

function askForCredential(banner, what) {
  const title = el('strong', {}, what);
  if (me.role !== 'admin') {
    return banner.replaceChildren(title, el('span', {}, 'Tasks fail until an admin stores one.'));
  }
  const field = el('input', {
    type: 'password',
    required: true,
    autocomplete: 'off',
    spellcheck: false,
    placeholder: 'sk-ant-api… or sk-ant-oat…',
    'aria-label': 'API key or subscription token of Claude',
  });
  const form = el('form', {}, field, el('button', { class: 'primary' }, 'Store'));
  const problem = el('p', { class: 'problem', role: 'alert', hidden: true });
  const why = 'Tasks need an API key, or a token from “claude setup-token”.';
  banner.replaceChildren(title, el('span', {}, why), form);
  form.append(problem);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submitting(form, async () => {
      await api.storeCredential(field.value.trim());
      announce('The credential is stored.');
      await showCredential();
    });
  });
}

function closePane() {
  pane?.close();
  pane = null;
  byId('pane').replaceChildren();
}

function showNothing(text) {
  closePane();
  byId('pane').replaceChildren(el('p', { class: 'nothing' }, text));
}

async function showPlace() {
  const taskId = place().get('task');
  wanted = taskId;
  byId('app').classList.toggle('on-task', taskId !== null);
  list.select(taskId);
  if (taskId !== null && pane?.taskId === taskId) return;
  if (taskId === null) {
    document.title = 'Claude Code Agent';
    return showNothing('Start a task or choose one to see what it does.');
  }
  showNothing('Loading…');
  try {
    const task = await api.task(taskId);
    if (wanted !== taskId || me === null) return;
    closePane();
    pane = new TaskPane(task, { live, mayOperate: mayOperate(), onTask: openTask });
  } catch (error) {
    if (wanted === taskId && me !== null) {
      showNothing(error.message);
      byId('pane').prepend(el('a', { class: 'back', href: '#' }, '← Tasks'));
    }
  }
}

function openTask(task) {
  list.put(task);
  location.hash = `task=${task.task_id}`;
}

whenSignedOut(() => me !== null && showSignIn());

byId('sign-in')
  .querySelector('form')
  .addEventListener('submit', (event) => {
    event.preventDefault();
    void submitting(event.target, async () => {
      await api.logIn(byId('key').value.trim());
      byId('key').value = '';
      me = await api.me();
      showApp();
    });
  });

byId('log-out').addEventListener('click', async () => {
  await api.logOut().catch(() => undefined);
  history.replaceState(null, '', location.pathname);
  showSignIn();
});

const prompt = byId('prompt');
prompt.value = localStorage.getItem(DRAFT) ?? '';
prompt.addEventListener('input', () => localStorage.setItem(DRAFT, prompt.value));
sendByKeys(prompt);
byId('new-task').querySelector('kbd').textContent = /Mac|iP/.test(navigator.platform) ? '⌘↵' : 'Ctrl ↵';
byId('session').addEventListener('change', chooseSession);
byId('new-task').addEventListener('submit', (event) => {
  event.preventDefault();
  void submitting(event.target, async () => {
    const session_id = byId('session').value;
    const agent = byId('agent').value;
    const wish = session_id ? { session_id } : agent ? { agent } : {};
    const task = await api.startTask({ prompt: prompt.value, ...wish });
    prompt.value = '';
    localStorage.removeItem(DRAFT);
    byId('session').value = '';
    openTask(task);
    void showChoices();
  });
});

live.on('connect', () => {
  live.ask('feed.watch', {}).catch(() => undefined);
  void list.reload();
});
live.on('task.status', (message) => {
  list.hear(message).catch(() => undefined);
  if (pane?.taskId === message.task_id) pane.hear(message.status);
  if (CREDENTIAL_REASONS.includes(message.status_reason))
    void showCredential(message.status_reason === 'auth_failed');
});

window.addEventListener('hashchange', () => {
  if (place().has('key')) void begin();
  else if (me !== null) void showPlace();
});
void begin();
