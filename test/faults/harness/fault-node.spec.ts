import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { freePort, tempDataDir } from '../../support/index.js';
import { ensureBuilt } from '../../support/program.js';
import { FaultClient } from './fault-client.js';
import type { FailPoint } from './fail-point-name.js';
import { FaultNode } from './fault-node.js';
import { Ledger } from './ledger.js';

jest.setTimeout(60_000);
const FIRST_WRITE: FailPoint = { from: 'start', count: 1, side: 'before', writer: null };

let folder: string;
let port: number;
let node: FaultNode | null = null;
beforeEach(async () => {
  ensureBuilt();
  folder = await tempDataDir('fault-node');
  port = await freePort();
});
afterEach(() => node?.kill());

function nodeWith(leaseSeconds: number): FaultNode {
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'runs.ndjson'), '');
  const environment = {
    ROLE: 'all',
    DATA_DIR: join(folder, 'data'),
    RUN_LEDGER: join(folder, 'runs.ndjson'),
    LEASE_SECONDS: String(leaseSeconds),
  };
  return new FaultNode({ name: 'all', port, folder, faults: [], environment });
}

describe('a node of the fault suite', () => {
  it('that ends by itself is neither ready nor killed, and its log says why', async () => {
    node = nodeWith(1);
    await expect(node.start()).rejects.toThrow(/was to be ready, but it ended with code 1[^]*LEASE_SECONDS/);
    await expect(node.startWithFailPoint(FIRST_WRITE)).rejects.toThrow(
      /was to be killed at start:1:before, but it ended with code 1[^]*LEASE_SECONDS/,
    );
    expect(node.crashes).toHaveLength(2);
    expect(await node.refuseToStart()).toBe(1);
    expect(node.crashes).toHaveLength(2);
  });

  it('that is killed at its fail point says by which write, and has not refused to start', async () => {
    node = nodeWith(4);
    await node.startWithFailPoint(FIRST_WRITE);
    expect(node.killedAt(FIRST_WRITE)).toBe('worker.repository.add');
    expect(() => node?.killedAt({ ...FIRST_WRITE, count: 2 })).toThrow('start:2:before');
    expect(node.crashes).toEqual([]);
    await node.start();
    expect(() => node?.killedAt(FIRST_WRITE)).toThrow('but it runs');
  });
});

describe('a client of the fault suite', () => {
  it('ends what it is submitting when its world is closed', async () => {
    const closing = new AbortController();
    const client = new FaultClient({
      ledger: new Ledger(join(folder, 'client.ndjson')),
      key: () => 'none',
      endpoints: [{ name: 'nobody', url: `http://127.0.0.1:${port}` }],
      closed: closing.signal,
    });
    const submit = client.submit('key', { prompt: 'ok:1' }, { limitMs: 600_000 });
    closing.abort(new Error('the world was closed'));
    await expect(submit).rejects.toThrow('the world was closed');
  });
});
