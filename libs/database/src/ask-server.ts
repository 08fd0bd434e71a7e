import pg, { type ClientConfig } from 'pg';
import { MarkedClient } from './marked-client.js';

/** For the connection, and again for what is asked over it. */
const ANSWER_LIMIT_MS = 600;

const IDLE_SESSIONS = `
  SELECT pid, application_name AS mark, state_change::text AS since
  FROM pg_stat_activity WHERE application_name = ANY($1) AND state LIKE 'idle%'`;

interface IdleSession {
  pid: number;
  mark: string;
  since: string;
}

/** What a server that answers knows of our connections. */
export interface ServerView {
  /**
   * Since when this connection's session waits for a statement, by the server's clock. Null when it works on one, and
   * when it is not known: behind a pooler sessions have other numbers, and the address may lead to another server now.
   */
  idleSince(client: pg.ClientBase): string | null;
}

/** Over a connection of its own. Null when the server does not answer; a refusal is an answer. */
export async function askServer(
  config: ClientConfig,
  about: readonly pg.ClientBase[],
): Promise<ServerView | null> {
  const client = new pg.Client({
    ...config,
    connectionTimeoutMillis: ANSWER_LIMIT_MS,
    query_timeout: ANSWER_LIMIT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return viewOf(await idleSessions(client, about));
  } catch (error) {
    return error instanceof pg.DatabaseError ? viewOf([]) : null;
  } finally {
    client.end().catch(() => undefined);
  }
}

async function idleSessions(client: pg.Client, about: readonly pg.ClientBase[]): Promise<IdleSession[]> {
  const marks = about.flatMap((one) => (one instanceof MarkedClient ? [one.mark] : []));
  try {
    return (await client.query<IdleSession>(IDLE_SESSIONS, [marks])).rows;
  } catch {
    // It greeted us: it answers, though it does not tell.
    return [];
  }
}

function viewOf(sessions: readonly IdleSession[]): ServerView {
  return {
    idleSince: (client) => {
      if (!(client instanceof MarkedClient)) return null;
      const { mark, processID } = client;
      return sessions.find((session) => session.mark === mark && session.pid === processID)?.since ?? null;
    },
  };
}
