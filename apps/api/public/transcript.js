import { badge, duration, el, money } from './dom.js';

const ESCAPE_CODES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');
/** Characters that show nothing or turn the text around, so that a command could look like another one. */
const UNSEEN = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** What a program or the model wrote, so that all of it can be seen. */
function plain(text) {
  const name = (char) => `⟨U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
  return text.replace(ESCAPE_CODES, '').replace(UNSEEN, name);
}

const MAIN_ARGUMENTS = [
  'command',
  'file_path',
  'notebook_path',
  'path',
  'pattern',
  'url',
  'query',
  'skill',
  'subagent_type',
  'description',
];

function mainArgument(input) {
  if (typeof input !== 'object' || input === null) return typeof input === 'string' ? input : '';
  const name = MAIN_ARGUMENTS.find((key) => typeof input[key] === 'string');
  return name ? input[name] : (Object.values(input).find((value) => typeof value === 'string') ?? '');
}

function asText(input) {
  if (typeof input === 'string') return input;
  const values = Object.values(input ?? {});
  if (values.length === 1 && typeof values[0] === 'string') return values[0];
  return JSON.stringify(input, null, 2) ?? '';
}

/** The steps of one task as elements. Applying the events from the first on gives the same as watching them come. */
export class Transcript {
  element = el('div', { class: 'steps' });
  #messages = new Map();
  #tools = new Map();
  #approvals = new Map();
  #hasText = false;
  #metrics = null;

  apply(event) {
    const { type, data } = event;
    const show = this.#rows[type];
    if (show) show(data, event);
    else this.#note({ kind: type, detail: data }, event);
  }

  #rows = {
    'task.created': (data) => this.#add(data, el('div', { class: 'said' }, plain(data.prompt))),
    'task.queued': (data) => {
      if (!data.reason && !data.not_before) return;
      const until = data.not_before ? ` until ${new Date(data.not_before).toLocaleTimeString()}` : '';
      this.#line(data, `Queued${until}${data.reason ? ` (${words(data.reason)})` : ''}`, 'warn');
    },
    'task.waiting': (data) => {
      const until = new Date(data.resumes_at).toLocaleString();
      this.#line(data, `${plain(data.title)}: ${until}`, 'warn');
    },
    'task.started': (data) => {
      const parts = [`Started with agent ${data.agent}`];
      if (data.title) parts.push(plain(data.title));
      else if (data.resumed) parts.push('goes on with the conversation');
      if (data.attempt > 1) parts.push(`attempt ${data.attempt}`);
      this.#line(data, parts.join(' · '));
    },
    'task.engine': (data) => {
      const parts = [data.model, count(data.tools.length, 'tool'), count(data.skills.length, 'skill')];
      const lists = [`Tools: ${data.tools.join(', ')}`];
      if (data.skills.length > 0) lists.push(`Skills: ${data.skills.join(', ')}`);
      const title = el('i', { class: 'one-line' }, parts.join(' · '));
      this.#add(data, folded(title, el('pre', {}, lists.join('\n\n'))));
      if (data.mcp_failed.length > 0) {
        this.#line(data, `MCP servers that did not start: ${data.mcp_failed.join(', ')}`, 'warn');
      }
    },
    'task.output': (data) => this.#write(data, (node) => node.appendData(plain(data.text))),
    'task.message': (data) => this.#write(data, (node) => (node.data = plain(data.text))),
    'task.tool_started': (data, event) => this.#toolStarted(data, event),
    'task.tool_finished': (data, event) => this.#toolFinished(data, event),
    'task.approval_requested': (data) => {
      const text = `${data.tool} asks for approval: ${plain(mainArgument(data.input))}${data.reason ? ` (${data.reason})` : ''}`;
      this.#approvals.set(data.approval_id, this.#line(data, text, 'warn'));
    },
    'task.approval_resolved': (data) => {
      const text = `${data.decision === 'allow' ? 'allowed' : 'denied'} by ${data.by}${data.message ? `: ${data.message}` : ''}`;
      const line = this.#approvals.get(data.approval_id);
      if (!line) return this.#line(data, `Approval ${text}`);
      line.append(` · ${text}`);
      line.classList.remove('warn');
    },
    'task.retrying': (data) => {
      const wait = duration(data.delay_ms / 1000);
      const text = `Trying again in ${wait} (${data.attempt} of ${data.max_attempts}): ${data.error}${data.status ? ` ${data.status}` : ''}`;
      this.#line(data, text, 'warn');
    },
    'task.input': (data) => this.#add(data, el('div', { class: 'said' }, plain(data.text))),
    'task.metrics': (data) => (this.#metrics = data),
    'task.note': (data, event) => this.#note(data, event),
    'task.interrupted': (data) => this.#line(data, 'Interrupted', 'warn'),
    'task.completed': (data) => this.#end(data, 'Completed'),
    'task.failed': (data) => this.#end(data, data.title ?? 'Failed'),
    'task.cancelled': (data) => this.#end(data, data.title ?? 'Cancelled'),
  };

  /** What a subagent does goes under the tool call that started it. */
  #add(data, element) {
    const parent = this.#tools.get(data.parent_tool_use_id);
    (parent?.inner ?? this.element).append(element);
    return element;
  }

  #line(data, text, kind = '') {
    return this.#add(data, el('div', { class: `line ${kind}` }, plain(text)));
  }

  #write(data, change) {
    let message = this.#messages.get(data.message_id);
    if (!message) {
      message = data.kind === 'thinking' ? thought() : said();
      this.#messages.set(data.message_id, message);
      this.#add(data, message.element);
    }
    change(message.node);
    // The engine takes a message back by an empty one.
    message.element.hidden = message.node.data === '';
    message.changed?.();
    if (data.kind === 'text' && !data.parent_tool_use_id) this.#hasText = true;
  }

  #toolStarted(data, { at }) {
    if (this.#tools.has(data.tool_use_id)) return;
    const argument = plain(mainArgument(data.input)).replaceAll('\n', ' ⏎ ');
    const state = badge('arc', 'busy', 'running');
    const title = [el('b', {}, data.tool), el('code', { class: 'one-line' }, argument), state];
    const row = folded(title, el('h3', {}, 'Input'), el('pre', {}, plain(asText(data.input))));
    const inner = el('div', { class: 'inner' });
    this.#add(data, el('div', {}, row, inner));
    this.#tools.set(data.tool_use_id, { row, inner, state, at, finished: false });
  }

  #toolFinished(data, { at }) {
    const tool = this.#tools.get(data.tool_use_id);
    if (!tool) return this.#note({ kind: 'tool', text: data.output }, {});
    if (tool.finished) return;
    tool.finished = true;
    const took = duration(Math.max(0, Date.parse(at) - Date.parse(tool.at)) / 1000);
    tool.state.replaceWith(
      data.is_error ? badge('cross', 'bad', `failed · ${took}`) : badge('check', 'good', `done · ${took}`),
    );
    const heading = `Output${data.truncated ? ' (shortened)' : ''}`;
    tool.row.append(el('h3', {}, heading), el('pre', {}, plain(data.output) || '(no output)'));
    if (data.is_error) tool.row.open = true;
  }

  /** Also for what this page has never heard of. */
  #note(data) {
    const detail = data.detail === undefined ? '' : JSON.stringify(data.detail, null, 2);
    const text = data.text ? `${words(data.kind)}: ${plain(data.text)}` : words(data.kind);
    if (!detail) return this.#line(data, text, data.kind.includes('error') ? 'warn' : '');
    this.#add(data, folded(el('i', { class: 'one-line' }, text), el('pre', {}, plain(detail))));
  }

  #end(data, title) {
    for (const tool of this.#tools.values()) {
      if (!tool.finished) tool.state.replaceWith(badge('stop', 'idle', 'not finished'));
    }
    const bad = data.status === 'FAILED';
    const end = el('div', { class: bad ? 'end bad' : 'end' });
    if (data.status === 'COMPLETED' && data.result && !this.#hasText) {
      this.#add(data, el('div', { class: 'text' }, plain(data.result)));
    }
    if (bad) {
      end.append(el('h3', { class: 'is-bad' }, title));
      if (data.error) end.append(el('pre', {}, plain(data.error)));
    } else {
      end.append(badge(...(data.status === 'COMPLETED' ? ['check', 'good'] : ['stop', 'idle']), title));
    }
    if (data.remedy) end.append(el('p', {}, data.remedy));
    end.append(el('div', { class: 'facts' }, ...this.#figures(data).map((text) => el('span', {}, text))));
    this.element.append(end);
  }

  #figures(data) {
    const usage = this.#metrics?.usage ?? [];
    const sum = (...names) =>
      usage.reduce((total, row) => total + names.reduce((part, name) => part + row[name], 0), 0);
    const figures = [`Cost ${money(data.cost_usd)} (estimate)`];
    if (usage.length > 0) {
      const read = sum('input_tokens', 'cache_read_tokens', 'cache_write_tokens').toLocaleString();
      figures.push(`${read} tokens in, ${sum('output_tokens').toLocaleString()} out`);
    }
    if (data.duration_seconds !== null) figures.push(`Time ${duration(data.duration_seconds)}`);
    return [...figures, count(data.num_turns, 'turn')];
  }
}

const count = (number, word) => `${number} ${word}${number === 1 ? '' : 's'}`;
const words = (code) => code.replaceAll('_', ' ').replace(/^task\./, '');

function said() {
  const element = el('div', { class: 'text' }, '\u200b');
  const node = element.firstChild;
  node.data = '';
  return { element, node };
}

/** Thinking is one dim line with its beginning; all of it when opened. */
function thought() {
  const start = el('i', { class: 'one-line' }, 'Thinking');
  const body = el('div', { class: 'thought text' }, '\u200b');
  const node = body.firstChild;
  node.data = '';
  const changed = () => {
    if (start.textContent.length < 160) start.textContent = `Thinking: ${node.data.slice(0, 160)}`;
  };
  return { element: folded(start, body), node, changed };
}

function folded(title, ...body) {
  return el('details', { class: 'row' }, el('summary', {}, ...[title].flat()), ...body);
}
