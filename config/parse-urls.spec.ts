import { describe, expect, it } from '@jest/globals';
import { parseDatabaseUrl } from './parse-database-url.js';
import { parseRedisUrl } from './parse-redis-url.js';

describe('parseDatabaseUrl', () => {
  it.each([
    ['sqlite:////data/db/machine.db', { kind: 'sqlite', file: '/data/db/machine.db' }],
    ['sqlite+aiosqlite:////data/db/machine.db', { kind: 'sqlite', file: '/data/db/machine.db' }],
    ['sqlite:///machine.db', { kind: 'sqlite', file: 'machine.db' }],
    [
      'postgresql+asyncpg://user:pass@postgres:5432/claude_db',
      { kind: 'postgres', url: 'postgres://user:pass@postgres:5432/claude_db' },
    ],
    ['postgres://user@host/db', { kind: 'postgres', url: 'postgres://user@host/db' }],
  ])('reads %s', (text, target) => {
    expect(parseDatabaseUrl(text)).toEqual(target);
  });

  it.each(['', 'sqlite://', 'mysql://u@h/d', 'postgres://', 'postgres://host', '/data/db/machine.db'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseDatabaseUrl(text)).toThrow('must look like');
    },
  );
});

describe('parseRedisUrl', () => {
  it('reads a single server with login, TLS and database', () => {
    expect(parseRedisUrl('rediss://me:p%40ss@cache:6380/2')).toEqual({
      kind: 'single',
      address: { host: 'cache', port: 6380 },
      db: 2,
      username: 'me',
      password: 'p@ss',
      tls: true,
    });
  });

  it('reads the Sentinel form of the founding document', () => {
    expect(parseRedisUrl('redis-sentinel://sentinel1:26379,sentinel2:26379/mymaster')).toEqual({
      kind: 'sentinel',
      sentinels: [
        { host: 'sentinel1', port: 26379 },
        { host: 'sentinel2', port: 26379 },
      ],
      name: 'mymaster',
      db: 0,
      tls: false,
    });
  });

  it('reads a cluster', () => {
    expect(parseRedisUrl('redis-cluster://h1,h2:7000')).toMatchObject({
      kind: 'cluster',
      nodes: [
        { host: 'h1', port: 6379 },
        { host: 'h2', port: 7000 },
      ],
    });
  });

  it.each([
    'localhost:6379',
    'redis://',
    'redis://a,b',
    'redis://h/x',
    'redis://h:99999',
    'redis-sentinel://h',
    'redis-cluster://h/1',
  ])('refuses "%s"', (text) => {
    expect(() => parseRedisUrl(text)).toThrow('must look like');
  });
});
