import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { loadSettings } from '@app/config';
import { Paths } from '@app/paths';
import { verifyArchive } from '@app/storage';
import { showSize } from '../render/show-size.js';
import { findArchive } from './find-archive.js';

export async function verifyBackup(which: string): Promise<void> {
  const archive = findArchive(new Paths(loadSettings()), which);
  const scratch = await mkdtemp(join(tmpdir(), 'claude-agent-verify-'));
  try {
    const { about, totals } = await verifyArchive(archive, join(scratch, 'found.ndjson'));
    process.stdout.write(
      `Whole: ${about.backup_id}, ${totals.entries} files, ${showSize(totals.bytes)}, made by version ${about.app_version}.\n`,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
