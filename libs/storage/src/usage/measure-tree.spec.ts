import { linkSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { measureTree } from './measure-tree.js';

const ONE = '01900000-0000-7000-8000-000000000001';
const TWO = '01900000-0000-7000-8000-000000000002';

describe('measuring a data folder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'measure-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function file(path: string, bytes = 1): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), Buffer.alloc(bytes, 1));
  }

  it('puts every file into its area, once', () => {
    const places = {
      'config/agents/a/CLAUDE.md': 'agents',
      'config/skills/s/SKILL.md': 'skills',
      'config/webhooks/github.json': 'webhooks',
      'registry/agents.json': 'registry',
      'credentials/claude.json': 'credentials',
      'db/machine.db': 'database',
      'backups/b.tar.gz': 'backups',
      'workspaces/x/deep/er/file': 'workspaces',
      'repositories/r/HEAD': 'repositories',
      'claude/projects/p/t.jsonl': 'transcripts',
      'cache/plugins/p/x': 'cache',
      'logs/x.log': 'logs',
      'config/else': 'other',
      'somebody-elses': 'other',
    };
    for (const path of Object.keys(places)) file(path);
    const { areas } = measureTree(root);
    const counted = Object.fromEntries(Object.entries(areas).map(([area, { files }]) => [area, files]));
    expect(counted).toEqual({
      ...Object.fromEntries(Object.values(places).map((area) => [area, 1])),
      other: 2,
    });
  });

  it('counts what the disk holds, and a file with two names once', () => {
    file('backups/one', 100_000);
    linkSync(join(root, 'backups/one'), join(root, 'backups/two'));
    const { areas } = measureTree(root);
    const folder = statSync(join(root, 'backups')).blocks * 512;
    expect(areas.backups).toEqual({
      bytes: statSync(join(root, 'backups/one')).blocks * 512 + folder,
      files: 1,
    });
  });

  it('adds workspace and transcripts of a session together, largest first', () => {
    file(`workspaces/${ONE}/a`, 50_000);
    file(`claude/projects/-data-workspaces-${ONE}/t.jsonl`, 200_000);
    file(`workspaces/${TWO}/a/b/c`, 100_000);
    file('workspaces/.gone.0123456789ab.new/x', 900_000);
    const { sessions, sessionCount } = measureTree(root);
    expect(sessionCount).toBe(2);
    expect(sessions.map(({ session_id: id }) => id)).toEqual([ONE, TWO]);
    expect(sessions[0]?.workspace_bytes).toBeGreaterThanOrEqual(50_000);
    expect(sessions[0]?.transcript_bytes).toBeGreaterThanOrEqual(200_000);
    expect(sessions[1]).toMatchObject({ transcript_bytes: 0, files: 1 });
  });

  it('follows no link', () => {
    file('workspaces/x/file');
    symlinkSync('/', join(root, 'workspaces/x/everything'));
    symlinkSync('.', join(root, 'workspaces/x/itself'));
    expect(measureTree(root).areas.workspaces.files).toBe(3);
  });

  it('goes on where a folder cannot be looked into, and says so', () => {
    file('db/x');
    const { areas, unreadable } = measureTree(join(root, 'db', 'x'));
    expect({ unreadable, files: areas.other.files }).toEqual({ unreadable: 1, files: 0 });
  });
});
