/* global document */

/**
 * Makes an element. Properties are set as properties, `class` and names with a dash as attributes. Children are
 * elements or text; there is no way here to give HTML, so nothing that a task prints can become code.
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name === 'class' || name.includes('-') || name === 'role') element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

const SVG = 'http://www.w3.org/2000/svg';
const SHAPES = {
  ring: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11',
  arc: 'M8 2.5a5.5 5.5 0 1 1-5.5 5.5',
  pause: 'M6 4v8M10 4v8',
  check: 'M3 8.5l3.2 3.2L13 5',
  cross: 'M4 4l8 8M12 4l-8 8',
  stop: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M4.2 11.8l7.6-7.6',
};

function icon(shape) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', SHAPES[shape]);
  svg.append(path);
  return svg;
}

/** An icon, a word and a colour, never one of them alone. */
export function badge(shape, colour, word) {
  return el('span', { class: `status is-${colour}` }, icon(shape), word);
}

const STATUS = {
  QUEUED: ['ring', 'idle', 'Queued'],
  RUNNING: ['arc', 'busy', 'Running'],
  WAITING: ['pause', 'wait', 'Waiting'],
  COMPLETED: ['check', 'good', 'Completed'],
  FAILED: ['cross', 'bad', 'Failed'],
  CANCELLED: ['stop', 'idle', 'Cancelled'],
};
export const statusWord = (status) => STATUS[status]?.[2] ?? status;
export const statusBadge = (status) => badge(...(STATUS[status] ?? ['ring', 'idle', status]));
export const isOver = (status) => ['COMPLETED', 'FAILED', 'CANCELLED'].includes(status);

export const firstLine = (text) => (text ?? '').trim().split('\n', 1)[0].slice(0, 200) || '(no prompt)';

export function money(usd) {
  if (!usd) return '$0';
  return usd < 0.01 ? `$${usd.toFixed(4)}` : `$${usd.toFixed(2)}`;
}

export function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

export function ago(instant) {
  const seconds = (Date.now() - Date.parse(instant)) / 1000;
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return new Date(instant).toLocaleDateString();
}

/** Shows an error under a form, or takes it away. */
export function showProblem(form, error) {
  const place = form.querySelector('.problem');
  place.textContent = error ? error.message : '';
  place.hidden = !error;
}

/** Runs the work with the form's button disabled, and shows what went wrong in the form. */
export async function submitting(form, work) {
  const button = form.querySelector('button');
  if (button.disabled) return;
  button.disabled = true;
  showProblem(form, null);
  try {
    await work();
  } catch (error) {
    showProblem(form, error);
  } finally {
    button.disabled = false;
  }
}

/** ⌘ or Ctrl with Enter sends the form of the text area. */
export function sendByKeys(textarea) {
  textarea.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey) || event.isComposing) return;
    event.preventDefault();
    textarea.form.requestSubmit();
  });
}

export function announce(text) {
  byId('announcer').textContent = text;
}
