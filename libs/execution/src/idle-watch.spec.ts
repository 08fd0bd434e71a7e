import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { EngineEvent } from '@app/engines';
import { IdleWatch } from './idle-watch.js';

const delta: EngineEvent = { type: 'text.delta', messageId: 'm', text: 'x' };
const toolStarted: EngineEvent = { type: 'tool.started', id: 't', name: 'Bash', input: {} };
const toolFinished: EngineEvent = { type: 'tool.finished', id: 't', isError: false, output: '' };

describe('the idle watch', () => {
  let idle: jest.Mock<() => void>;
  let watch: IdleWatch;

  beforeEach(() => {
    jest.useFakeTimers();
    idle = jest.fn();
    watch = new IdleWatch(1000, idle, () => Date.now());
  });
  afterEach(() => {
    watch.close();
    jest.useRealTimers();
  });

  it('barks once when nothing was said for the limit', () => {
    jest.advanceTimersByTime(900);
    watch.note(delta);
    jest.advanceTimersByTime(999);
    expect(idle).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(idle).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(10_000);
    expect(idle).toHaveBeenCalledTimes(1);
  });

  it('is more patient with a tool, whose signs of life do not count', () => {
    watch.note(toolStarted);
    for (let second = 0; second < 3; second += 1) {
      jest.advanceTimersByTime(1000);
      watch.note({ type: 'note', kind: 'tool_progress' });
    }
    jest.advanceTimersByTime(999);
    expect(idle).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(idle).toHaveBeenCalledTimes(1);
  });

  it('is as strict as before when the tool is done', () => {
    watch.note(toolStarted);
    jest.advanceTimersByTime(3000);
    watch.note(toolFinished);
    jest.advanceTimersByTime(1000);
    expect(idle).toHaveBeenCalledTimes(1);
  });

  it('waits for an approval without end', () => {
    watch.note({ type: 'permission.requested', id: 'p', tool: 'Bash', input: {} });
    jest.advanceTimersByTime(100_000);
    expect(idle).not.toHaveBeenCalled();
    watch.note({ type: 'permission.resolved', id: 'p', behavior: 'allow' });
    jest.advanceTimersByTime(2000);
    expect(idle).toHaveBeenCalledTimes(1);
  });

  it('grants the wait before a retry', () => {
    watch.note({
      type: 'retry',
      attempt: 1,
      maxAttempts: 4,
      delayMs: 5000,
      status: 429,
      error: 'rate_limit',
    });
    jest.advanceTimersByTime(5999);
    expect(idle).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(idle).toHaveBeenCalledTimes(1);
  });

  it('is silent once closed', () => {
    watch.close();
    jest.advanceTimersByTime(10_000);
    expect(idle).not.toHaveBeenCalled();
  });
});
