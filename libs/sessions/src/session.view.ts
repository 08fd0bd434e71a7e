import type { SessionConnectionEntity } from './session-connection.entity.js';
import type { SessionEntity } from './session.entity.js';

/** A session as the API shows it. */
export class SessionView {
  session_id: string;
  title: string | null;
  agent: string | null;
  status: string;
  engine: string;
  /** Whether the next task goes on with an existing conversation. */
  has_conversation: boolean;
  total_tasks: number;
  /** US dollars by list prices: an estimate for subscriptions. */
  total_cost_usd: number;
  created_by: string | null;
  created_at: string;
  last_activity_at: string;

  static of(row: SessionEntity): SessionView {
    return {
      session_id: row.session_id,
      title: row.title,
      agent: row.agent,
      status: row.status,
      engine: row.engine,
      has_conversation: row.engine_session_id !== null,
      total_tasks: row.total_tasks,
      total_cost_usd: row.total_cost_usd,
      created_by: row.created_by,
      created_at: row.created_at,
      last_activity_at: row.last_activity_at,
    };
  }
}

export class SessionListView {
  items: SessionView[];
  next_cursor: string | null;
}

export class SessionConnectionView {
  connection_id: string;
  session_id: string;
  connected_at: string;
  disconnected_at: string | null;
  transport: string;
  remote_address: string | null;
  user_agent: string | null;
  key_id: string | null;

  static of(row: SessionConnectionEntity): SessionConnectionView {
    const { worker_id, ...shown } = row;
    return shown;
  }
}

export class SessionConnectionListView {
  items: SessionConnectionView[];
  next_cursor: string | null;
}
