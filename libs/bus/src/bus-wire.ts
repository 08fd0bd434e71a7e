import { TASK_STATUSES, type TaskEvent, type TaskStatusMessage } from '@app/contracts';
import type { BusMessages, BusTopic } from './live-bus.js';

/** What processes say to each other: a message is a line of JSON, and lines may travel together. */
const MAX_MESSAGE_BYTES = 256 * 1024;

/**
 * The text to send, or null for what does not fit. Events that do not fit are left out; the rest of their message
 * still says that there is something to read.
 */
export function encodeMessage<T extends BusTopic>(
  from: string,
  topic: T,
  message: BusMessages[T],
): string | null {
  const text = JSON.stringify({ from, topic, message });
  if (fits(text)) return text;
  const wakeUp = JSON.stringify({ from, topic, message: { ...message, events: undefined } });
  return fits(wakeUp) ? wakeUp : null;
}

/** Lines of about as much together as one may have at most. */
export function joinMessages(lines: readonly string[]): string[] {
  const joined: string[] = [];
  for (const line of lines) {
    const last = joined.at(-1);
    if (last !== undefined && last.length + line.length < MAX_MESSAGE_BYTES)
      joined[joined.length - 1] = `${last}\n${line}`;
    else joined.push(line);
  }
  return joined;
}

/** Calls back with what others sent; false when it is no message of this bus (another version, another program). */
export function decodeMessage(
  text: string,
  self: string,
  deliver: <T extends BusTopic>(topic: T, message: BusMessages[T]) => void,
): boolean {
  // Redis sends us our own messages too: most of them all, so they are known without being parsed.
  if (text.startsWith(JSON.stringify({ from: self }).slice(0, -1))) return true;
  const lines = text.split('\n');
  return lines.filter((line) => deliverLine(line, deliver)).length === lines.length;
}

function deliverLine(
  line: string,
  deliver: <T extends BusTopic>(topic: T, message: BusMessages[T]) => void,
): boolean {
  const envelope = parse(line);
  if (!isRecord(envelope)) return false;
  const { topic } = envelope;
  return isTopic(topic) && deliverAs(topic, envelope.message, deliver);
}

function deliverAs<T extends BusTopic>(
  topic: T,
  message: unknown,
  deliver: <U extends BusTopic>(topic: U, message: BusMessages[U]) => void,
): boolean {
  const isMessage: Guards[T] = GUARDS[topic];
  if (!isMessage(message)) return false;
  deliver(topic, message);
  return true;
}

type Guards = { [T in BusTopic]: (message: unknown) => message is BusMessages[T] };

/** What the listeners rely on. The data of an event is shown, never acted on, so its insides are not checked again. */
const GUARDS: Guards = {
  'task.events': (message): message is BusMessages['task.events'] =>
    isRecord(message) &&
    typeof message.task_id === 'string' &&
    isTextOrNull(message.session_id) &&
    typeof message.head === 'number' &&
    (message.events === undefined || (Array.isArray(message.events) && message.events.every(isEvent))),
  'task.status': (message): message is TaskStatusMessage =>
    isRecord(message) &&
    typeof message.task_id === 'string' &&
    isTextOrNull(message.session_id) &&
    TASK_STATUSES.some((status) => status === message.status) &&
    typeof message.head === 'number',
  'task.cancel_requested': (message): message is BusMessages['task.cancel_requested'] =>
    isRecord(message) && typeof message.task_id === 'string',
  'task.input_given': (message): message is BusMessages['task.input_given'] =>
    isRecord(message) &&
    typeof message.task_id === 'string' &&
    typeof message.message_id === 'string' &&
    typeof message.text === 'string',
  'key.revoked': (message): message is BusMessages['key.revoked'] =>
    isRecord(message) && typeof message.key_id === 'string',
};

function isEvent(value: unknown): value is TaskEvent {
  return (
    isRecord(value) &&
    typeof value.task_id === 'string' &&
    typeof value.seq === 'number' &&
    typeof value.type === 'string' &&
    isRecord(value.data)
  );
}

function isTopic(value: unknown): value is BusTopic {
  return typeof value === 'string' && Object.hasOwn(GUARDS, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function fits(text: string): boolean {
  // A character is at least a byte, so most texts need not be measured.
  return text.length <= MAX_MESSAGE_BYTES && Buffer.byteLength(text) <= MAX_MESSAGE_BYTES;
}
