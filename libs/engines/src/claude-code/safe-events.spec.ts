import { describe, expect, it } from '@jest/globals';
import { SafeEvents } from './safe-events.js';

const SECRET = 'sk-ant-secret';

describe('an event that leaves the engine', () => {
  it('never carries the secret, wherever it was', () => {
    const safe = new SafeEvents([SECRET]);
    const cleaned = [
      safe.clean({ type: 'tool.started', id: '1', name: 'Bash', input: { command: `echo ${SECRET}` } }),
      safe.clean({
        type: 'tool.finished',
        id: '1',
        isError: false,
        output: SECRET,
        detail: { stdout: SECRET },
      }),
      safe.clean({
        type: 'permission.requested',
        id: '1',
        tool: 'Bash',
        input: { a: SECRET },
        reason: SECRET,
      }),
      safe.clean({ type: 'note', kind: 'x', text: SECRET, detail: [SECRET] }),
    ];
    expect(JSON.stringify(cleaned)).not.toContain(SECRET);
    expect(safe.outcome({ kind: 'failed', failure: 'crashed', message: SECRET })).toMatchObject({
      message: '[masked]',
    });
  });

  it('releases what was held back of a stream before the whole of it', () => {
    const safe = new SafeEvents([SECRET]);
    const delta = (text: string) => safe.clean({ type: 'text.delta', messageId: 'A:0', text });
    expect(delta('key: sk-an')).toMatchObject([{ text: 'key: ' }]);
    expect(safe.clean({ type: 'text', messageId: 'A:0', text: 'key: sk-an' })).toEqual([
      { type: 'text.delta', messageId: 'A:0', text: 'sk-an' },
      { type: 'text', messageId: 'A:0', text: 'key: sk-an' },
    ]);
  });

  it('is bounded when it is the output of a tool', () => {
    const [event] = new SafeEvents([SECRET]).clean({
      type: 'tool.finished',
      id: '1',
      isError: false,
      output: 'x'.repeat(1024 * 1024),
    });
    expect(JSON.stringify(event).length).toBeLessThan(300 * 1024);
    expect(JSON.stringify(event)).toContain('characters left out');
  });
});
