import { hash } from 'node:crypto';
import type { PoolClient } from 'pg';

/** Only statements over given rows: they are few, and the same plan is right however many rows there are. */
const OVER_GIVEN_ROWS = 'json_to_recordset';

const names = new Map<string, string>();

/**
 * Has Postgres parse and plan the statements over given rows once for each connection: that was three quarters of its
 * work for a task. The name is made from the text, so that it means the same to everybody who shares a connection.
 */
export function nameStatements(client: PoolClient): void {
  const query: (...asked: unknown[]) => unknown = client.query.bind(client);
  Object.assign(client, {
    query: (...asked: unknown[]): unknown => {
      const [text, values, ...rest] = asked;
      return typeof text === 'string' && Array.isArray(values) && text.includes(OVER_GIVEN_ROWS)
        ? query({ name: nameOf(text), text, values }, ...rest)
        : query(...asked);
    },
  });
}

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `given_${hash('sha256', text).slice(0, 32)}`;
  names.set(text, name);
  return name;
}
