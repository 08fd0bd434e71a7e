import { describe, expect, it } from '@jest/globals';
import {
  QueryFailedError,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm';
import { databaseError } from './database-error.js';

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
    ['a lock that is not to be had', failed('SQLITE_BUSY'), 'DB_BUSY'],
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
