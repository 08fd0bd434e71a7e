import { describe, expect, it } from '@jest/globals';
import { hostMark, mayHostLive } from './host-mark.js';

describe('the mark of the process that owns a run', () => {
  it('tells a process that runs from one that is gone, also when its id was given out again', async () => {
    const [pid = '', startedAt = '', space = ''] = hostMark().split(':');
    expect(await mayHostLive(hostMark())).toBe(true);
    expect(await mayHostLive(`${pid}:1:${space}`)).toBe(false);
    expect(await mayHostLive(`${pid}::${space}`)).toBe(false);
    expect(await mayHostLive(`4194999:${startedAt}:${space}`)).toBe(false);
    expect(await mayHostLive(`../self:1:${space}`)).toBe(false);
  });

  it('judges no process of another container, whose ids mean something else', async () => {
    expect(await mayHostLive('4194999:1:4026531000')).toBe(true);
  });
});
