import { describe, expect, it } from '@jest/globals';
import { AppError } from '@app/contracts';
import { taskFailureOf } from './error-reasons.js';
import { TaskFailure } from './task-failure.js';

describe('what an error means to a task', () => {
  it.each([
    [new AppError('AGENT_NOT_FOUND', 'Gone.'), 'agent_missing'],
    [new AppError('KEK_MISMATCH', 'Another key.'), 'credentials_unreadable'],
    [new AppError('UNSAFE_PATH', 'A link.'), 'workspace_failed'],
    [Object.assign(new Error('x'), { code: 'SQLITE_BUSY' }), 'database_unavailable'],
    [Object.assign(new Error('x'), { driverError: { code: '57P01' } }), 'database_unavailable'],
    [Object.assign(new Error('x'), { code: 'ENOSPC' }), 'storage_full'],
    [new TaskFailure('prompt_missing', 'None.'), 'prompt_missing'],
  ])('is a reason that people can act on: %s', (error, reason) => {
    expect(taskFailureOf(error)).toMatchObject({ reason });
  });

  it('is nothing for a mistake of ours', () => {
    expect(taskFailureOf(new TypeError('undefined is not a function'))).toBeNull();
    expect(taskFailureOf(new AppError('BAD_CURSOR', 'x'))).toBeNull();
  });
});
