/* global clearInterval, document, setInterval */
import { api } from './api.js';
import {
  announce,
  byId,
  duration,
  el,
  firstLine,
  isOver,
  money,
  sendByKeys,
  showProblem,
  statusBadge,
  statusWord,
  submitting,
} from './dom.js';
import { TaskStream } from './live.js';
import { Transcript } from './transcript.js';

const STATUS_OF = {
  'task.queued': 'QUEUED',
  'task.waiting': 'WAITING',
  'task.started': 'RUNNING',
  'task.completed': 'COMPLETED',
  'task.failed': 'FAILED',
  'task.cancelled': 'CANCELLED',
};

/** One task: what it is, what it does, and what can be said to it. */
export class TaskPane {
  #live;
  #mayOperate;
  #onTask;
  #task;
  #stream = null;
  #clock;
  #transcript = new Transcript();
  #following = true;
  #parts;

  constructor(task, { live, mayOperate, onTask }) {
    this.#live = live;
    this.#mayOperate = mayOperate;
    this.#onTask = onTask;
    this.#task = task;
    this.#parts = this.#build();
    this.#showTask();
    this.#stream = new TaskStream(live, task.task_id, {
      apply: (events) => this.#apply(events),
      onProblem: (error) => showProblem(this.#parts.foot, error),
    });
    this.#clock = setInterval(() => isOver(this.#task.status) || this.#showFacts(), 1000);
  }

  get taskId() {
    return this.#task.task_id;
  }

  close() {
    this.#stream.close();
    clearInterval(this.#clock);
  }

  /** The status as the feed or the task's own events tell it. */
  hear(status) {
    if (status === this.#task.status || isOver(this.#task.status)) return;
    this.#task.status = status;
    this.#showTask();
    announce(`${statusWord(status)}: ${firstLine(this.#task.prompt)}`);
    void this.#refresh();
  }

  async #refresh() {
    try {
      const task = await api.task(this.#task.task_id);
      if (isOver(this.#task.status) && !isOver(task.status)) return;
      this.#task = task;
      this.#showTask();
    } catch {
      // The next change asks again.
    }
  }

  #build() {
    const title = el('h1', { class: 'one-line' });
    const facts = el('div', { class: 'facts' });
    const stop = el('button', { type: 'button', class: 'danger' }, 'Cancel');
    const retry = el('button', { type: 'button' }, 'Run again');
    const back = el('a', { class: 'back', href: '#', 'aria-label': 'Back to the tasks' }, '←');
    const scroller = el(
      'div',
      { class: 'scroller', tabIndex: 0, role: 'log', 'aria-live': 'off', 'aria-label': 'Output of the task' },
      this.#transcript.element,
    );
    const toEnd = el('button', { type: 'button', class: 'to-end', hidden: true }, 'Follow ↓');
    const label = el('label', { htmlFor: 'follow-up', class: 'dim' });
    const text = el('textarea', { id: 'follow-up', rows: 2, required: true });
    const send = el('button', { class: 'primary' });
    const form = el('form', {}, label, text, send);
    const problem = el('p', { class: 'problem', role: 'alert', hidden: true });
    const foot = el('footer', { class: 'foot' }, toEnd, form, problem);

    stop.addEventListener('click', () => this.#act(stop, () => api.cancel(this.taskId)));
    retry.addEventListener('click', () =>
      this.#act(retry, async () => this.#onTask(await api.retry(this.taskId))),
    );
    toEnd.addEventListener('click', () => this.#follow(true));
    form.append(problem);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void submitting(form, () => this.#say(text)).then(() => this.#showTask());
    });
    sendByKeys(text);
    this.#followScrolling(scroller);
    byId('pane').replaceChildren(
      el('header', { class: 'head' }, back, el('div', {}, title, facts), stop, retry),
      scroller,
      foot,
    );
    return { title, facts, stop, retry, scroller, toEnd, label, text, send, foot };
  }

  async #act(button, work) {
    button.disabled = true;
    showProblem(this.#parts.foot, null);
    try {
      await work();
    } catch (error) {
      if (error.code !== 'ALREADY_TERMINAL') showProblem(this.#parts.foot, error);
    } finally {
      button.disabled = false;
      void this.#refresh();
    }
  }

  /** To the running task as input; after its end as the next task of the session. */
  async #say(field) {
    const text = field.value;
    if (isOver(this.#task.status)) {
      const { session_id, agent } = this.#task;
      const same = { ...(session_id ? { session_id } : {}), ...(agent ? { agent } : {}) };
      const task = await api.startTask({ prompt: text, ...same });
      field.value = '';
      return this.#onTask(task);
    }
    if (this.#live.connected) await this.#live.ask('task.input', { task_id: this.taskId, text });
    else await api.giveInput(this.taskId, text);
    field.value = '';
  }

  #apply(events) {
    for (const event of events) {
      this.#transcript.apply(event);
      const status = STATUS_OF[event.type];
      // Old events of a task that went on since must not turn its status back.
      if (status && event.seq >= this.#task.last_seq) this.hear(status);
    }
    if (this.#following) this.#toEnd();
  }

  #showTask() {
    const { status, prompt, cancel_requested_at, session_id, last_seq } = this.#task;
    const { title, stop, retry, label, text, send, foot } = this.#parts;
    title.textContent = firstLine(prompt);
    title.title = firstLine(prompt);
    document.title = `${statusWord(status)}: ${firstLine(prompt).slice(0, 60)} – Claude Code Agent`;
    const over = isOver(status);
    stop.hidden = over || !this.#mayOperate;
    stop.textContent = cancel_requested_at && !over ? 'Cancelling…' : 'Cancel';
    retry.hidden = !['FAILED', 'CANCELLED'].includes(status) || !this.#mayOperate;
    foot.querySelector('form').hidden = !this.#mayOperate;
    const next = session_id ? 'Go on in the same session' : 'Start a new session';
    label.textContent = over ? next : 'Message to the running task';
    text.placeholder = over ? 'What is to be done next?' : 'It reads this between two steps.';
    send.textContent = over ? 'Start' : 'Send';
    send.disabled = status === 'QUEUED';
    if (over && last_seq === 0) this.#transcript.element.textContent = 'This task has no log.';
    this.#showFacts();
  }

  #showFacts() {
    const { status, agent, model, started_at, duration_seconds, cost_usd } = this.#task;
    const facts = [agent, model];
    if (isOver(status)) {
      if (duration_seconds !== null) facts.push(duration(duration_seconds));
      if (cost_usd > 0) facts.push(money(cost_usd));
    } else if (started_at) {
      facts.push(
        duration(Math.max(0, Math.round((Date.now() - Date.parse(started_at)) / 1000))).replace('.0', ''),
      );
    }
    const shown = facts.filter(Boolean).map((fact) => el('span', {}, fact));
    this.#parts.facts.replaceChildren(statusBadge(status), ...shown);
  }

  /** Following ends when the user scrolls up, and only the user turns it on again: by going to the end. */
  #followScrolling(scroller) {
    let before = 0;
    scroller.addEventListener('wheel', ({ deltaY }) => deltaY < 0 && this.#follow(false), { passive: true });
    scroller.addEventListener(
      'scroll',
      () => {
        const top = scroller.scrollTop;
        const atEnd = scroller.scrollHeight - top - scroller.clientHeight < 8;
        if (top < before && !atEnd) this.#follow(false);
        else if (top > before && atEnd) this.#follow(true);
        before = top;
      },
      { passive: true },
    );
  }

  #follow(following) {
    const { scroller, toEnd } = this.#parts;
    if (!following && scroller.scrollHeight <= scroller.clientHeight) return;
    this.#following = following;
    toEnd.hidden = following;
    if (following) this.#toEnd();
  }

  #toEnd() {
    const { scroller } = this.#parts;
    scroller.scrollTop = scroller.scrollHeight;
  }
}
