import { describe, expect, it } from '@jest/globals';
import type { AgentRun } from '@app/engines';
import { RunningTask } from './running-tasks.js';
import { TaskMessages } from './task-messages.js';

function taskWithRuns() {
  const task = new RunningTask({ taskId: 't', fence: 1 }, Promise.resolve());
  const got: string[] = [];
  const newRun = (accepted: boolean) => {
    const send: AgentRun['send'] = (text) => {
      if (accepted) got.push(text);
      return { messageId: 'x', accepted };
    };
    const stop: AgentRun['stop'] = () => Promise.resolve();
    return { send, stop } as Partial<AgentRun> as AgentRun;
  };
  return { task, got, newRun };
}

const input = (seq: number, id: string) => ({
  task_id: 't',
  session_id: null,
  seq,
  at: '2026-01-01T00:00:00.000Z',
  type: 'task.input' as const,
  data: { message_id: id, text: id, by: 'test' },
});

describe('a message to a running task', () => {
  it('that comes before there is a run reaches the run when it starts', () => {
    const { task, got, newRun } = taskWithRuns();
    task.give('a', 'first');
    task.give('b', 'second');
    task.attach(newRun(true));
    expect(got).toEqual(['first', 'second']);
    expect(task.messages.areWaiting).toBe(false);
  });

  it('reaches the engine once, however often it is heard of', () => {
    const { task, got, newRun } = taskWithRuns();
    task.give('a', 'first');
    task.attach(newRun(true));
    task.give('a', 'first');
    expect(got).toEqual(['first']);
  });

  it('that the prompt holds is not given again', () => {
    const { task, got, newRun } = taskWithRuns();
    task.give('a', 'a');
    task.messages.putIntoPrompt([input(3, 'a'), input(5, 'b')]);
    task.give('b', 'b');
    task.attach(newRun(true));
    expect(got).toEqual([]);
    expect(task.messages.seenSeq).toBe(5);
  });

  it('waits for the next run when this one ends, in the order in which they came', () => {
    const { task, got, newRun } = taskWithRuns();
    task.attach(newRun(false));
    task.give('a', 'first');
    task.give('b', 'second');
    expect(task.messages.areWaiting).toBe(true);
    expect(task.messages.takeAll()).toBe('first\n\nsecond');
    task.give('c', 'third');
    task.attach(newRun(true));
    expect(got).toEqual(['third']);
  });

  it('is not given to a run that is being stopped, and not forgotten', () => {
    const { task, got, newRun } = taskWithRuns();
    task.attach(newRun(true));
    task.stop('shutdown');
    task.give('a', 'first');
    expect(got).toEqual([]);
    expect(task.messages.areWaiting).toBe(true);
  });
});

describe('how much of the log was seen', () => {
  it('grows with what the holder writes, and stops before what others wrote', () => {
    const messages = new TaskMessages();
    messages.sawUpTo(2);
    messages.wrote(5, 3);
    expect(messages.seenSeq).toBe(5);
    messages.wrote(8, 2);
    expect(messages.seenSeq).toBe(5);
    messages.sawUpTo(8);
    messages.wrote(8, 2);
    messages.wrote(9, 1);
    expect(messages.seenSeq).toBe(9);
  });
});
