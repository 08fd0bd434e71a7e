export interface RedisAddress {
  host: string;
  port: number;
}

interface RedisLogin {
  username?: string;
  password?: string;
  tls: boolean;
}

export type RedisTarget = RedisLogin &
  (
    | { kind: 'single'; address: RedisAddress; db: number }
    | { kind: 'sentinel'; sentinels: RedisAddress[]; name: string; db: number }
    | { kind: 'cluster'; nodes: RedisAddress[] }
  );

const ACCEPTED =
  'must look like redis://host:6379/0, rediss://…, redis-sentinel://h1:26379,h2:26379/mymaster or redis-cluster://h1:6379,h2:6379';
const FORM =
  /^(rediss?|redis-sentinel|redis-cluster):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/@]+)(?:\/([^/]*))?(?:\/(\d+))?$/;

/** Host lists are not URLs in the sense of the standard, so this has a grammar of its own. */
export function parseRedisUrl(text: string): RedisTarget {
  const match = FORM.exec(text);
  const [, scheme, username, password, hosts, first, second] = match ?? [];
  if (!match || !hosts) throw new Error(ACCEPTED);
  const login: RedisLogin = {
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    tls: scheme === 'rediss',
  };
  const addresses = hosts
    .split(',')
    .map((host) => parseAddress(host, scheme === 'redis-sentinel' ? 26379 : 6379));
  if (scheme === 'redis-sentinel') {
    if (!first) throw new Error(ACCEPTED);
    return { ...login, kind: 'sentinel', sentinels: addresses, name: first, db: Number(second ?? 0) };
  }
  if (second !== undefined) throw new Error(ACCEPTED);
  if (scheme === 'redis-cluster') {
    if (first) throw new Error(ACCEPTED);
    return { ...login, kind: 'cluster', nodes: addresses };
  }
  const [address, ...more] = addresses;
  if (!address || more.length > 0 || (first && !/^\d+$/.test(first))) throw new Error(ACCEPTED);
  return { ...login, kind: 'single', address, db: Number(first || 0) };
}

function parseAddress(text: string, defaultPort: number): RedisAddress {
  const match = /^(\[[0-9a-f:]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(text.trim());
  const port = Number(match?.[2] ?? defaultPort);
  if (!match?.[1] || port < 1 || port > 65535) throw new Error(ACCEPTED);
  return { host: match[1].replace(/^\[|\]$/g, ''), port };
}
