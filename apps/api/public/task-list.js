import { api } from './api.js';
import { ago, byId, el, firstLine, isOver, money, statusBadge } from './dom.js';

/** The recent tasks, newest first, kept up to date by the feed. */
export class TaskList {
  #tasks = new Map();
  #rows = new Map();
  #selected = null;
  #older = null;
  #list = byId('tasks');
  #note = byId('tasks-note');

  constructor() {
    byId('older').addEventListener('click', () => this.#load(this.#older));
  }

  clear() {
    this.#tasks.clear();
    this.#rows.clear();
    this.#list.replaceChildren();
    this.#note.textContent = 'Loading…';
  }

  /** Asks for the newest again; what was loaded before stays. */
  reload() {
    return this.#load(null);
  }

  put(task) {
    this.#tasks.set(task.task_id, task);
    const row = this.#rows.get(task.task_id) ?? el('li');
    this.#rows.set(task.task_id, row);
    const link = el(
      'a',
      { href: `#task=${task.task_id}`, 'aria-current': task.task_id === this.#selected ? 'true' : null },
      el('span', { class: 'one-line' }, firstLine(task.prompt)),
      el(
        'span',
        { class: 'facts' },
        statusBadge(task.status),
        ...factsOf(task).map((fact) => el('span', {}, fact)),
      ),
    );
    const focused = row.contains(row.ownerDocument.activeElement);
    row.replaceChildren(link);
    if (focused) link.focus();
    this.#place(task, row);
    this.#note.textContent = '';
  }

  /** A message of the feed. */
  async hear({ task_id, status }) {
    const known = this.#tasks.get(task_id);
    if (known && !isOver(status)) return this.put({ ...known, status });
    this.put(await api.task(task_id));
  }

  select(taskId) {
    this.#selected = taskId;
    for (const [id, row] of this.#rows) {
      if (id === taskId) row.firstChild.setAttribute('aria-current', 'true');
      else row.firstChild.removeAttribute('aria-current');
    }
  }

  #place(task, row) {
    if (row.isConnected) return;
    const after = [...this.#tasks.values()]
      .filter((other) => ageOf(other) < ageOf(task) && this.#rows.get(other.task_id).isConnected)
      .sort((one, other) => (ageOf(one) < ageOf(other) ? 1 : -1))[0];
    this.#list.insertBefore(row, after ? this.#rows.get(after.task_id) : null);
  }

  async #load(cursor) {
    try {
      const { items, next_cursor } = await api.tasks(cursor);
      for (const task of items) this.put(task);
      if (cursor !== null || this.#older === null) this.#older = next_cursor;
      byId('older').hidden = this.#older === null;
      this.#note.textContent = this.#tasks.size === 0 ? 'No tasks yet. Write above what is to be done.' : '';
    } catch (error) {
      this.#note.textContent = `The tasks could not be loaded. ${error.message}`;
    }
  }
}

/** Sorts as the API does; the ids alone do not: rows made by hand have any. */
function ageOf({ created_at, task_id }) {
  return `${created_at} ${task_id}`;
}

function factsOf(task) {
  const facts = [ago(task.created_at)];
  if (task.agent) facts.unshift(task.agent);
  if (isOver(task.status) && task.cost_usd > 0) facts.push(money(task.cost_usd));
  return facts;
}
