import { readFileSync } from 'node:fs';
import { createClaudeCodeEngine } from '../../../libs/engines/src/index.js';
import type { RunSpec } from '../../../libs/engines/src/index.js';

// Started by stopping.spec.ts as a process of its own, which that test then kills.
const spec: RunSpec = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const { PATH, HOME } = process.env;
const run = createClaudeCodeEngine({ hostEnv: { PATH, HOME }, configDir: spec.configDir }).start(spec);
for await (const event of run.events) if (event.type === 'ended') process.exit(0);
