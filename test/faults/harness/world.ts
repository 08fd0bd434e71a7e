import { setMaxListeners } from 'node:events';
import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientEntry, FaultWindow, History, RunEntry } from '../checker/history.js';
import { checkHistory, describeBreaches } from '../checker/check-history.js';
import { tempDataDir, waitFor } from '../../support/index.js';
import { now } from './clock.js';
import { countJobs } from './count-jobs.js';
import { countOpen, dumpDatabase } from './dump-database.js';
import { FaultClient, type Endpoint } from './fault-client.js';
import type { FaultNode } from './fault-node.js';
import { Ledger, readLedger } from './ledger.js';
import { scanProcesses } from './scan-processes.js';
import { openSetUp, type OpenSetUp, type SetUpName, type SetUpOptions } from './set-up.js';
import { SmallDisk } from './small-disk.js';
import { SocketWatcher } from './socket-watcher.js';
import { StreamWatcher } from './stream-watcher.js';

/** A run's processes may outlive it so long. */
const SURVIVAL_MS = 10_000;
const SETTLE_LIMIT_MS = 120_000;
const WATCH_LIMIT_MS = 30_000;

type Watcher = SocketWatcher | StreamWatcher;

/** The whole service with its servers, clients and watchers, all of it to be broken, and a check of what is left. */
export class World {
  private readonly watchers: Watcher[] = [];
  private readonly ledger: Ledger<ClientEntry>;
  private readonly closing = new AbortController();
  readonly client: FaultClient;

  private constructor(
    readonly setUp: OpenSetUp,
    private readonly folder: string,
    readonly faults: FaultWindow[],
    /** Where the data is, when that was asked for and this user may mount. */
    readonly disk: SmallDisk | null,
  ) {
    // Each request that is under way listens.
    setMaxListeners(0, this.closing.signal);
    this.ledger = new Ledger(join(folder, 'client.ndjson'));
    this.client = new FaultClient({
      ledger: this.ledger,
      key: setUp.key,
      endpoints: setUp.apis.map(endpointOf),
      closed: this.closing.signal,
    });
  }

  static async open(name: SetUpName, options: SetUpOptions = {}): Promise<World> {
    const folder = await tempDataDir(`world-${name}`);
    mkdirSync(join(folder, 'data'));
    const faults: FaultWindow[] = [];
    const { diskMegabytes } = options;
    const disk = diskMegabytes ? SmallDisk.mountAt(join(folder, 'data'), diskMegabytes) : null;
    try {
      return new World(await openSetUp(name, folder, faults, options), folder, faults, disk);
    } catch (error) {
      disk?.unmount();
      throw error;
    }
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  get nodes(): FaultNode[] {
    return [...new Set([...this.setUp.apis, ...this.setUp.workers])];
  }

  get endpoints(): [Endpoint, ...Endpoint[]] {
    const [first, ...rest] = this.setUp.apis.map(endpointOf);
    if (!first) throw new Error('a world has at least one node that listens');
    return [first, ...rest];
  }

  socketWatcher(name: string, endpoints = this.endpoints): SocketWatcher {
    const watcher = new SocketWatcher(name, endpoints, this.setUp.key());
    this.watchers.push(watcher);
    return watcher;
  }

  streamWatcher(name: string, taskId: string, endpoints = this.endpoints): StreamWatcher {
    const watcher = new StreamWatcher(name, taskId, endpoints, this.setUp.key());
    this.watchers.push(watcher);
    return watcher;
  }

  flapWatchers(): void {
    for (const watcher of this.watchers) watcher.flap();
  }

  runs(): RunEntry[] {
    return readLedger(join(this.folder, 'runs.ndjson'));
  }

  /** Everything that was accepted is over, and nothing waits in the queue. Returns how long that took. */
  async settle(limitMs = SETTLE_LIMIT_MS): Promise<number> {
    const from = now();
    await waitFor(
      async () => (await countOpen(this.setUp.databaseUrl)) === 0 && (await this.queueIsEmpty()),
      {
        timeoutMs: limitMs,
        intervalMs: 100,
        what: 'every task to end',
      },
    ).catch(() => undefined);
    return now() - from;
  }

  /** Waits for rest, and throws when a node crashed or an invariant is broken: with all that is known in a file. */
  async check(limitMs?: number): Promise<History> {
    await this.settle(limitMs);
    const [crash] = this.nodes.flatMap((node) => node.crashes);
    if (crash) throw new Error(crash);
    const history = await this.collect();
    const breaches = checkHistory(history);
    if (breaches.length === 0) return history;
    const file = join(tmpdir(), `claude-agent-fault-${process.pid}-${Math.round(now())}.json`);
    const logs = Object.fromEntries(this.nodes.map((node) => [node.name, node.log]));
    await writeFile(file, JSON.stringify({ breaches, history, logs }, null, 1));
    throw new Error(
      `The invariants are broken:\n${describeBreaches(breaches)}\nAll that is known is in ${file}`,
    );
  }

  /** What is still being submitted fails at once. */
  async close(): Promise<void> {
    this.closing.abort(new Error('the world was closed'));
    for (const watcher of this.watchers) await watcher.close();
    await this.setUp.close();
    this.disk?.unmount();
    this.ledger.close();
  }

  private async collect(): Promise<History> {
    await waitFor(() => this.watchers.every((watcher) => watcher.finished), {
      timeoutMs: WATCH_LIMIT_MS,
      what: 'the watchers to see the ends',
    }).catch(() => undefined);
    await waitFor(() => scanProcesses(this.dataDir).length === 0, { timeoutMs: SURVIVAL_MS }).catch(
      () => undefined,
    );
    return {
      client: readLedger(this.ledger.path),
      runs: this.runs(),
      faults: this.faults,
      database: await dumpDatabase(this.setUp.databaseUrl),
      jobs: this.setUp.redis ? await countJobs(this.setUp.redis.url) : null,
      // At rest every watcher has seen everything: one that has not is a breach, not an early end.
      watchers: this.watchers.flatMap((watcher) =>
        watcher.recorded().map((one) => ({ ...one, finished: true })),
      ),
      survivors: scanProcesses(this.dataDir),
    };
  }

  private async queueIsEmpty(): Promise<boolean> {
    if (!this.setUp.redis) return true;
    const { waiting, active, delayed } = await countJobs(this.setUp.redis.url);
    return waiting + active + delayed === 0;
  }
}

const endpointOf = ({ name, url }: FaultNode): Endpoint => ({ name, url });
