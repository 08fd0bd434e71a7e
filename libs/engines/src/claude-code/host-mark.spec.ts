import { describe, expect, it } from '@jest/globals';
import { hostLives, hostMark } from './host-mark.js';

describe('the mark of the process that owns a run', () => {
  it('tells a process that runs from one that is gone, also when its id was given out again', async () => {
    const [pid] = hostMark().split(':');
    expect(await hostLives(hostMark())).toBe(true);
    expect(await hostLives(`${pid}:1`)).toBe(false);
    expect(await hostLives(`${pid}:`)).toBe(false);
    expect(await hostLives('4194999:1')).toBe(false);
    expect(await hostLives('../self:1')).toBe(false);
  });
});
