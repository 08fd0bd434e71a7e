import type { Row } from '@app/database';
import { countOf, instantOf, isTrue, numberOf, textOf } from './old-value.js';

/** The most that an id of ours may have. */
export const MAX_ID_LENGTH = 64;

export interface SessionRows {
  session: Row;
  /** The one connection that the earlier system knew of a session. */
  connection: Row;
}

/** Null when it has no usable id. `now` stands in for a time that was lost. */
export function toSession(old: Row, now: string): SessionRows | null {
  const id = idOf(old.session_id);
  if (id === null) return null;
  const connected = instantOf(old.connected_at) ?? now;
  const left = instantOf(old.disconnected_at);
  return {
    session: {
      session_id: id,
      title: null,
      agent: null,
      status: isTrue(old.active) ? 'ACTIVE' : 'ENDED',
      engine: 'claude-code',
      // Its conversation is not among what was imported: the next task begins a new one.
      engine_session_id: null,
      machine_id: textOf(old.machine_id),
      total_tasks: countOf(old.total_tasks),
      total_cost_usd: numberOf(old.total_cost_usd) ?? 0,
      created_at: connected,
      last_activity_at: left ?? connected,
    },
    connection: {
      // The same at each import of the same session.
      connection_id: `import-${id}`.slice(0, MAX_ID_LENGTH),
      session_id: id,
      connected_at: connected,
      disconnected_at: left ?? connected,
      transport: 'import',
    },
  };
}

export function idOf(value: unknown): string | null {
  const id = textOf(value);
  return id !== null && id.length <= MAX_ID_LENGTH ? id : null;
}
