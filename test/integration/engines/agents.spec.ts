import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventsOf, openBench } from './bench-of-runs.js';
import type { Bench } from './bench-of-runs.js';

describe('an agent', () => {
  let bench: Bench;
  let agentDir: string;
  beforeAll(async () => {
    bench = await openBench();
    agentDir = join(bench.folder, 'gardener');
    const skill = '---\nname: watering\ndescription: How to water plants\n---\nUse the blue can.\n';
    await mkdir(join(agentDir, 'skills', 'watering'), { recursive: true });
    await writeFile(join(agentDir, 'skills', 'watering', 'SKILL.md'), skill);
  });
  afterAll(() => bench.close());

  it('brings its skills, under the name of its folder', async () => {
    const { events, end } = await bench.run('SCENARIO:skill[gardener:watering]', { pluginDirs: [agentDir] });
    expect(eventsOf(events, 'init')[0]?.skills).toContain('gardener:watering');
    expect(eventsOf(events, 'tool.finished')).toMatchObject([{ isError: false }]);
    expect(end.outcome).toEqual({ kind: 'success' });
  });

  it('can delegate to its subagents, whose events name the call they come from', async () => {
    const subagents = [
      { name: 'weeder', description: 'Pulls weeds', prompt: 'You pull weeds.', allowedTools: ['Read'] },
    ];
    const { events, end } = await bench.run('SCENARIO:agent[weeder]', { subagents });
    const call = eventsOf(events, 'tool.started').find(({ name }) => name === 'Agent');
    const texts = eventsOf(events, 'text');
    expect(texts.map(({ text, parent }) => ({ text, parent }))).toEqual([
      { text: 'Hello from the offline model. This is a plain answer.', parent: call?.id },
      { text: 'Agent finished.', parent: undefined },
    ]);
    expect(end.outcome).toEqual({ kind: 'success' });
  });

  it('has no tools that reach beyond its run', async () => {
    const tools = eventsOf((await bench.run('SCENARIO:plain')).events, 'init')[0]?.tools;
    expect(tools).toContain('Bash');
    for (const tool of ['ListAgents', 'CronCreate', 'RemoteTrigger']) expect(tools).not.toContain(tool);
  });

  it('is not changed by what lies in a workspace that is not trusted', async () => {
    const spec = await bench.spec('SCENARIO:plain');
    await mkdir(join(spec.workspaceDir, '.claude', 'skills', 'trap'), { recursive: true });
    const skill = '---\nname: trap\ndescription: Not yours\n---\nGot you.\n';
    await writeFile(join(spec.workspaceDir, '.claude', 'skills', 'trap', 'SKILL.md'), skill);
    const untrusted = await bench.run('SCENARIO:plain', spec);
    expect(eventsOf(untrusted.events, 'init')[0]?.skills).not.toContain('trap');
    const fresh = await bench.spec('SCENARIO:plain');
    const trusting = { ...fresh, workspaceDir: spec.workspaceDir, trustWorkspace: true };
    const trusted = await bench.run('SCENARIO:plain', trusting);
    expect(eventsOf(trusted.events, 'init')[0]?.skills).toContain('trap');
  });
});
