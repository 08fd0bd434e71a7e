/* global clearTimeout, setTimeout */
import { io } from '/socket.io/socket.io.esm.min.js';
import { api, ApiError } from './api.js';

const OFFLINE_AFTER_MS = 15_000;
const TRY_AGAIN_MS = 3_000;
const ANSWER_LIMIT_MS = 10_000;

/** The one socket of the page. It comes back by itself; whoever watches asks again on `connect`. */
export class Live {
  #socket = io('/live', { autoConnect: false, transports: ['websocket', 'polling'], tryAllTransports: true });
  #offline = null;
  #onState;
  #again = null;

  constructor(onState) {
    this.#onState = onState;
    this.#socket.on('connect', () => this.#state('live'));
    this.#socket.on('disconnect', (reason) => {
      if (reason === 'io client disconnect') return;
      this.#state('reconnecting');
      if (!this.#socket.active) this.#tryAgain();
    });
    this.#socket.on('connect_error', () => {
      this.#state('reconnecting');
      if (!this.#socket.active) this.#tryAgain();
    });
  }

  connect() {
    this.#state('connecting');
    this.#socket.connect();
  }

  disconnect() {
    clearTimeout(this.#again);
    clearTimeout(this.#offline);
    this.#offline = null;
    this.#socket.disconnect();
  }

  get connected() {
    return this.#socket.connected;
  }

  /** Returns the function that ends the listening. */
  on(name, listener) {
    this.#socket.on(name, listener);
    return () => this.#socket.off(name, listener);
  }

  async ask(name, request) {
    const reply = await this.#socket.timeout(ANSWER_LIMIT_MS).emitWithAck(name, request);
    if (!reply.ok) throw new ApiError(reply.code, reply.message);
    return reply;
  }

  /** The service refused or ended the connection: when the login is over this call finds out. */
  #tryAgain() {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => {
      api.me().then(
        () => this.#socket.connect(),
        (error) => error.code !== 'UNAUTHENTICATED' && this.#tryAgain(),
      );
    }, TRY_AGAIN_MS);
  }

  #state(state) {
    if (state === 'live') {
      clearTimeout(this.#offline);
      this.#offline = null;
    } else if (this.#offline === null) {
      this.#offline = setTimeout(() => this.#onState('offline'), OFFLINE_AFTER_MS);
    } else if (state === 'reconnecting') {
      return;
    }
    this.#onState(state);
  }
}

const FLUSH_MS = 50;
const LATE_MS = 1_000;

/**
 * The events of one task: each once and in order, from the first on, over any number of connections. The place is
 * the last event that was applied; what is missing is fetched over HTTP.
 */
export class TaskStream {
  #live;
  #taskId;
  #apply;
  #onProblem;
  #last = 0;
  #held = new Map();
  #ready = [];
  #flush = null;
  #late = null;
  #fetching = false;
  #closed = false;
  #ends;

  constructor(live, taskId, { apply, onProblem }) {
    this.#live = live;
    this.#taskId = taskId;
    this.#apply = apply;
    this.#onProblem = onProblem;
    this.#ends = [
      live.on('connect', () => this.#watch()),
      live.on('task.event', (event) => this.#take(event)),
      live.on('head', ({ task_id, seq }) => task_id === taskId && this.#expect(seq)),
    ];
    if (live.connected) this.#watch();
    else this.#fetchMissing();
  }

  close() {
    this.#closed = true;
    for (const end of this.#ends) end();
    clearTimeout(this.#flush);
    clearTimeout(this.#late);
    if (this.#live.connected) this.#live.ask('unwatch', { task_id: this.#taskId }).catch(() => undefined);
  }

  #watch() {
    this.#live.ask('task.watch', { task_id: this.#taskId, after_seq: this.#last }).then(
      ({ head }) => this.#expect(head),
      (error) => !this.#closed && this.#live.connected && this.#onProblem(error),
    );
  }

  /** The service has events up to this one: those that do not come soon were lost on the way. */
  #expect(head) {
    if (this.#closed || head <= this.#last) return;
    clearTimeout(this.#late);
    const seen = this.#last;
    this.#late = setTimeout(() => {
      if (this.#last === seen) this.#fetchMissing();
      else this.#expect(head);
    }, LATE_MS);
  }

  #take(event) {
    if (this.#closed || event.task_id !== this.#taskId || event.seq <= this.#last) return;
    this.#held.set(event.seq, event);
    this.#drain();
    if (this.#held.size > 0) this.#fetchMissing();
  }

  #drain() {
    for (let next; (next = this.#held.get(this.#last + 1));) {
      this.#held.delete(next.seq);
      this.#last = next.seq;
      this.#ready.push(next);
    }
    if (this.#ready.length === 0 || this.#flush !== null) return;
    this.#flush = setTimeout(() => {
      this.#flush = null;
      this.#apply(this.#ready.splice(0));
    }, FLUSH_MS);
  }

  async #fetchMissing() {
    if (this.#fetching || this.#closed) return;
    this.#fetching = true;
    try {
      for (;;) {
        const events = await api.events(this.#taskId, this.#last);
        if (this.#closed || events.length === 0) return;
        if (events[0].seq > this.#last + 1) this.#skipTo(events[0].seq);
        for (const event of events) if (event.seq > this.#last) this.#held.set(event.seq, event);
        this.#drain();
        for (const seq of this.#held.keys()) if (seq <= this.#last) this.#held.delete(seq);
      }
    } catch (error) {
      if (!this.#closed && error.code !== 'OFFLINE') this.#onProblem(error);
    } finally {
      this.#fetching = false;
    }
  }

  /** The log begins later than we stand: say so instead of joining what does not belong together. */
  #skipTo(seq) {
    const text = `${seq - this.#last - 1} events are no longer stored.`;
    this.#ready.push({ seq: this.#last, at: null, type: 'task.note', data: { kind: 'gap', text } });
    this.#last = seq - 1;
  }
}
