import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startOfflineModel } from './offline-model.js';
import { parseScript } from './parse-script.js';

// The offline model as a process of its own: benchmarks must not share a CPU profile with the model they talk to.
// node offline-model/main.js [--port 8787] [--script file.json]; prints one JSON line when it listens.
const { values } = parseArgs({ options: { port: { type: 'string' }, script: { type: 'string' } } });
const script = values.script ? parseScript(readFileSync(values.script, 'utf8')) : {};
const model = await startOfflineModel({ ...script, port: Number(values.port ?? 0) });
process.stdout.write(`${JSON.stringify({ url: model.url, port: model.port, apiKey: model.apiKey })}\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void model.close().then(() => process.exit(0)));
}
