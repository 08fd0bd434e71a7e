import { beforeEach, describe, expect, it } from '@jest/globals';
import type { NewTaskEvent } from '@app/contracts';
import { Screen } from './screen.js';
import { TaskRenderer } from './task-renderer.js';

describe('TaskRenderer', () => {
  let shown: string;
  let renderer: TaskRenderer;
  let seq: number;

  const show = (event: NewTaskEvent): void => {
    const at = '2026-01-01T00:00:00.000Z';
    renderer.show({ at, task_id: 't', session_id: 's', seq: ++seq, ...event });
  };
  const piece = (text: string, kind: 'text' | 'thinking' = 'text'): void =>
    show({ type: 'task.output', data: { kind, text, message_id: 'm' } });
  const whole = (text: string, kind: 'text' | 'thinking' = 'text'): void =>
    show({ type: 'task.message', data: { kind, text, message_id: 'm' } });
  const start = (colors: boolean): void => {
    shown = '';
    seq = 0;
    renderer = new TaskRenderer(
      new Screen({ write: (text) => (shown += text), colors, columns: () => null }),
    );
  };

  beforeEach(() => start(false));

  it('shows a text that came in pieces once', () => {
    piece('Hello ');
    piece('world');
    whole('Hello world');
    expect(shown).toBe('Hello world\n');
  });

  it('adds what is missing when the last piece was lost', () => {
    piece('Hello ');
    whole('Hello world');
    expect(shown).toBe('Hello world\n');
  });

  it('shows the whole text when the pieces were another one', () => {
    piece('Hellp');
    whole('Hello');
    expect(shown).toBe('Hellp\nHello\n');
  });

  it('shows thinking and the answer on lines of their own, thinking dimmed', () => {
    start(true);
    piece('hm', 'thinking');
    piece('Yes');
    expect(shown).toBe('\u001b[2mhm\u001b[22m\nYes');
  });

  it('shows a tool by its name, main argument and end', () => {
    show({
      type: 'task.tool_started',
      data: { tool_use_id: '1', tool: 'Bash', input: { description: 'Run', command: 'node\n--test' } },
    });
    show({ type: 'task.tool_finished', data: { tool_use_id: '1', is_error: true, output: 'boom' } });
    expect(shown).toBe('● Bash node --test\n✗ Bash node --test failed\n  boom\n');
  });

  it('shows the first and last lines of a long output', () => {
    const output = Array.from({ length: 100 }, (_, index) => `line ${index + 1}`).join('\n');
    show({ type: 'task.tool_finished', data: { tool_use_id: '1', is_error: false, output } });
    expect(shown).toContain('  line 6\n  … 90 more lines …\n  line 97\n');
    expect(shown.split('\n')).toHaveLength(13);
  });

  it('lets no control sequence of a model or tool through', () => {
    piece('\u001b]0;owned\u0007a\u001b[2J');
    show({
      type: 'task.tool_started',
      data: { tool_use_id: '1', tool: 'Bash', input: { command: 'echo \u001b[31m' } },
    });
    show({ type: 'task.tool_finished', data: { tool_use_id: '1', is_error: false, output: '\u001b[Hx\r' } });
    expect(shown).toBe('a\n● Bash echo\n✓ Bash echo\n  x\n');
  });
});
