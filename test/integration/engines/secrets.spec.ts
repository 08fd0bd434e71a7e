import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { say, use } from '@app/engines';
import { eventsOf, openBench } from './bench-of-runs.js';
import type { Bench } from './bench-of-runs.js';

const SECRET = 'sk-ant-api03-a-secret-that-nobody-may-see-0123456789';

describe('the credential of a run', () => {
  let bench: Bench;
  beforeAll(async () => {
    const bash = (command: string) => use('Bash', { command, description: 'Look' });
    bench = await openBench({
      snoop: [
        {
          blocks: [
            bash('env; echo ---; tr "\\0" "\\n" < /proc/$PPID/environ; tr "\\0" " " < /proc/$PPID/cmdline'),
          ],
        },
        { blocks: [say('Looked.')] },
      ],
      // The words of the stream cut the secret in two.
      leak: [
        { blocks: [bash('cat key.txt')] },
        { blocks: [say(`It is ${SECRET} indeed, ${SECRET.slice(0, 20)} …`)] },
      ],
    });
  });
  afterAll(() => bench.close());

  it.each(['api_key', 'oauth_token'] as const)('is in no environment and no argument (%s)', async (kind) => {
    const { events, end } = await bench.run('SCENARIO:snoop', { credential: { kind, secret: SECRET } });
    expect(end.outcome).toEqual({ kind: 'success' });
    const output = eventsOf(events, 'tool.finished')[0]?.output ?? '';
    expect(output).toContain('AGENT_RUN_ID=');
    expect(output).not.toContain('[masked]');
    expect(output).not.toContain('SERVICE_SECRET');
    expect(JSON.stringify(events)).not.toContain(SECRET);
  });

  it('is masked when a tool or the model says it, also across deltas', async () => {
    const spec = await bench.spec('SCENARIO:leak', { credential: { kind: 'api_key', secret: SECRET } });
    await writeFile(join(spec.workspaceDir, 'key.txt'), SECRET);
    const { events } = await bench.run('SCENARIO:leak', spec);
    expect(eventsOf(events, 'tool.finished')[0]?.output).toBe('[masked]');
    const deltas = eventsOf(events, 'text.delta').map(({ text }) => text);
    expect(deltas.join('')).toBe(`It is [masked] indeed, ${SECRET.slice(0, 20)} …`);
    expect(JSON.stringify(events)).not.toContain(SECRET);
  });

  it('is not written down among the files that Claude Code keeps', async () => {
    const files = await readdir(bench.configDir, { recursive: true, withFileTypes: true });
    const ownFiles = files.filter((file) => file.isFile() && !file.parentPath.includes('projects'));
    expect(ownFiles.length).toBeGreaterThan(0);
    const contents = await Promise.all(
      ownFiles.map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
    );
    expect(contents.filter((content) => content.includes(SECRET))).toEqual([]);
  });

  it('costs the workspace no stray files', async () => {
    const { workspaceDir } = await bench.run('SCENARIO:bash[true]');
    expect(await readdir(workspaceDir)).toEqual([]);
  });
});
