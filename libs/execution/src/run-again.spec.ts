import { describe, expect, it } from '@jest/globals';
import { promptOf, storyOfStart } from './run-again.js';

describe('a task that runs again', () => {
  it('says why, and that its conversation goes on', () => {
    expect(storyOfStart('worker_lost', true)).toEqual({
      resume_reason: 'worker_lost',
      title: 'Goes on with its conversation, because the worker that ran the task was lost',
    });
  });

  it('says that it starts anew when there is no conversation yet', () => {
    expect(storyOfStart('overloaded', false).title).toBe(
      'Starts anew, because Claude was overloaded before the model had answered: there is no conversation to go on with',
    );
  });

  it('says nothing at its first run', () => {
    expect(storyOfStart(null, true)).toEqual({});
  });

  it('is told what happened, and the messages that it may have missed', () => {
    const prompt = promptOf('Build it.', {
      happened: 'x was lost',
      resumes: true,
      messages: ['Use SQLite.'],
    });
    expect(prompt).toContain('You were interrupted while you were working on the task below: x was lost.');
    expect(prompt).toContain('Build it.');
    expect(prompt.endsWith('Use SQLite.')).toBe(true);
  });

  it('is given its task alone when it begins anew', () => {
    expect(promptOf('Build it.', { happened: 'x was lost', resumes: false, messages: [] })).toBe('Build it.');
  });
});
