import { describe, expect, it } from '@jest/globals';
import { parseMarker } from './reap-by-marker.js';

describe('the marker of a run', () => {
  it('is read from an environment together with the config dir and the owner', () => {
    const environ =
      'PATH=/bin\0AGENT_RUN_ID=r-1\0CLAUDE_CONFIG_DIR=/data/claude\0AGENT_HOST_PROCESS=9:77:4\0';
    expect(parseMarker(7, environ)).toEqual({
      pid: 7,
      runId: 'r-1',
      configDir: '/data/claude',
      host: '9:77:4',
    });
  });

  it('is not seen where it only looks like one', () => {
    expect(parseMarker(7, 'X_AGENT_RUN_ID=r-1\0Y=AGENT_RUN_ID=r-1\0')).toBeNull();
    expect(parseMarker(7, '')).toBeNull();
  });
});
