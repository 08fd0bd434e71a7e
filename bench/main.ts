import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { backupMemory } from './backup-memory.js';
import { type Figure, type Measurement, table } from './figure.js';
import { eventLog } from './event-log.js';
import { millionTasks } from './million-tasks.js';
import { startAndMemory } from './start-and-memory.js';
import { streamingDelay } from './streaming-delay.js';
import { withModel } from './surroundings.js';
import { taskOverhead } from './task-overhead.js';
import { acceptRate } from './throughput-accept.js';
import { pipeline } from './throughput-pipeline.js';

// npm run bench [-- --json] [names]. A benchmark reports and never fails: what must hold is held by a test.
const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const MEASUREMENTS: Record<string, () => Promise<Measurement>> = {
  overhead: () => withModel(taskOverhead),
  streaming: () => withModel(streamingDelay),
  start: startAndMemory,
  accept: acceptRate,
  pipeline,
  events: eventLog,
  million: millionTasks,
  backup: backupMemory,
};

const unknown = positionals.filter((name) => !(name in MEASUREMENTS));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. Known: ${Object.keys(MEASUREMENTS).join(', ')}.`);
  process.exit(2);
}

const load = () => loadavg().map((average) => Number(average.toFixed(2)));

const loadBefore = load();
const figures: Figure[] = [];
const raw: Measurement['raw'] = {};
const failures: Record<string, string> = {};
for (const [name, measure] of Object.entries(MEASUREMENTS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.error(`Measuring ${name} …`);
  try {
    const measurement = await measure();
    figures.push(...measurement.figures);
    Object.assign(raw, measurement.raw);
  } catch (error) {
    failures[name] = error instanceof Error ? error.message : String(error);
  }
}

const surroundings = {
  at: new Date().toISOString(),
  cpus: availableParallelism(),
  loadBefore,
  loadAfter: load(),
};
if (values.json) {
  console.log(JSON.stringify({ ...surroundings, figures, failures, raw }));
} else {
  console.log(table(figures));
  for (const [name, reason] of Object.entries(failures)) console.log(`not measured: ${name}: ${reason}`);
  const { cpus, loadAfter } = surroundings;
  console.log(`\nload average before ${loadBefore.join(' ')}, after ${loadAfter.join(' ')}, ${cpus} CPUs`);
}
