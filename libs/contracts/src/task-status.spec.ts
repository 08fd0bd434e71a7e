import { describe, expect, it } from '@jest/globals';
import { isTerminal, statesBefore, TASK_STATUSES, TERMINAL_STATUSES } from './task-status.js';

describe('task status', () => {
  it('has no way out of a terminal state', () => {
    expect(TASK_STATUSES.filter(isTerminal)).toEqual([...TERMINAL_STATUSES]);
    for (const to of TASK_STATUSES) expect(statesBefore(to).some(isTerminal)).toBe(false);
  });

  it('lets a task complete only after it was running or waiting', () => {
    expect(statesBefore('COMPLETED')).toEqual(['RUNNING', 'WAITING']);
  });
});
