import type { Caller } from '@app/auth';
import type { Author } from './folder-changes.js';

export function authorOf(caller: Caller, { note }: { note?: string } = {}): Author {
  return { caller, note: note === undefined || note.trim() === '' ? null : note.trim() };
}
