export type DatabaseTarget =
  | { kind: 'sqlite'; /** null: the default file in DATA_DIR. */ file: string | null }
  | { kind: 'postgres'; url: string };

const ACCEPTED =
  'must look like sqlite:////data/db/machine.db (four slashes for an absolute path) or postgres://user:password@host:5432/database';

/**
 * Accepts the driver suffixes of SQLAlchemy (`sqlite+aiosqlite`, `postgresql+asyncpg`), because the founding
 * document writes them. As there, `sqlite:///x` is relative to the working directory and `sqlite:////x` absolute.
 */
export function parseDatabaseUrl(text: string): DatabaseTarget {
  const sqlite = /^sqlite(?:\+\w+)?:\/\/\/(.+)$/.exec(text);
  if (sqlite?.[1]) return { kind: 'sqlite', file: sqlite[1] };
  const postgres = /^postgres(?:ql)?(?:\+\w+)?:\/\/(.+)$/.exec(text);
  const url = postgres ? `postgres://${postgres[1]}` : '';
  if (!postgres || !URL.canParse(url)) throw new Error(ACCEPTED);
  const { hostname, pathname } = new URL(url);
  if (hostname === '' || pathname.length < 2) throw new Error(ACCEPTED);
  return { kind: 'postgres', url };
}
