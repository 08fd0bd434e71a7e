import { describe, expect, it } from '@jest/globals';
import {
  QueryFailedError,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm';
import { AppError } from '@app/contracts';
import { databaseError, tookNothing } from './database-error.js';

const failed = (code: string) =>
  new QueryFailedError('SELECT 1', [], Object.assign(new Error('on purpose'), { code }));

describe('what a failure of the database means', () => {
  it.each([
    ['a connection that breaks', failed('ECONNRESET'), 'DB_UNAVAILABLE'],
    [
      'one that broke before a statement of a transaction',
      new QueryRunnerAlreadyReleasedError(),
      'DB_UNAVAILABLE',
    ],
    [
      'one that broke before a built statement of a transaction',
      new QueryRunnerProviderAlreadyReleasedError(),
      'DB_UNAVAILABLE',
    ],
    ['a crash of the server', failed('57P02'), 'DB_UNAVAILABLE'],
    ['a pooler that lost its server', failed('08P01'), 'DB_UNAVAILABLE'],
    ['a pooler in trouble', failed('XX000'), 'DB_UNAVAILABLE'],
    ['a file that Postgres cannot read', failed('58030'), 'DB_UNAVAILABLE'],
    ['too little memory', failed('53200'), 'DB_UNAVAILABLE'],
    ['a database that was dropped', failed('57P04'), 'DB_UNAVAILABLE'],
    ['a disk that fails', failed('SQLITE_IOERR'), 'DB_UNAVAILABLE'],
    ['a file that cannot be opened', failed('SQLITE_CANTOPEN'), 'DB_UNAVAILABLE'],
    ['no port for another connection', failed('EADDRNOTAVAIL'), 'DB_UNAVAILABLE'],
    ['no descriptor for another connection', failed('EMFILE'), 'DB_UNAVAILABLE'],
    ['a lock that is not to be had', failed('SQLITE_BUSY'), 'DB_BUSY'],
    ['a statement that took too long', failed('57014'), 'DB_BUSY'],
    ['a full disk', failed('53100'), 'STORAGE_FULL'],
  ])('%s is told as such', (_title, error, code) => {
    expect(databaseError(error)?.code).toBe(code);
  });

  it.each([
    ['a wrong statement', failed('42601')],
    ['a bug', new TypeError('on purpose')],
    ['nothing', null],
  ])('%s is no outage', (_title, error) => {
    expect(databaseError(error)).toBeNull();
  });
});

describe('whether a refused transaction has stored nothing', () => {
  it.each([
    ['a key that exists', failed('23505')],
    ['a text that Postgres cannot hold', failed('22021')],
    ['a key that exists on SQLite', failed('SQLITE_CONSTRAINT')],
    ['a refusal of ours', new AppError('NOT_RUNNING', 'on purpose')],
    ['a bug of ours', new TypeError('on purpose')],
  ])('is certain after %s', (_title, error) => {
    expect(tookNothing(error)).toBe(true);
  });

  it.each([
    ['a connection that breaks', failed('ECONNRESET')],
    ['a pooler that lost its server', failed('08P01')],
    ['a disk that fails', failed('SQLITE_IOERR')],
    ['a code that nobody thought of', failed('99999')],
    ['a failure of the driver without a code', new QueryFailedError('COMMIT', [], new Error('on purpose'))],
  ])('is not after %s', (_title, error) => {
    expect(tookNothing(error)).toBe(false);
  });
});
