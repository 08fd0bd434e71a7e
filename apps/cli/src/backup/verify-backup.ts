import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { loadSettings } from '@app/config';
import { AppError } from '@app/contracts';
import { Paths } from '@app/paths';
import { BackupFiles, verifyArchive } from '@app/storage';
import { showSize } from '../render/show-size.js';
import { findArchive } from './find-archive.js';

export async function verifyBackup(which: string): Promise<void> {
  const paths = new Paths(loadSettings());
  const archive = findArchive(paths, which);
  const files = new BackupFiles(paths);
  const scratch = await mkdtemp(join(tmpdir(), 'claude-agent-verify-'));
  try {
    const { about, totals } = await verifyArchive(archive, join(scratch, 'found.ndjson'));
    await noteResult(files, which, null);
    process.stdout.write(
      `Whole: ${about.backup_id}, ${totals.entries} files, ${showSize(totals.bytes)}, made by version ${about.app_version}.\n`,
    );
  } catch (error) {
    if (error instanceof AppError) await noteResult(files, which, error.message);
    throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** For the list, as of a check through the API. An archive that lies elsewhere has no notes. */
async function noteResult(files: BackupFiles, which: string, problem: string | null): Promise<void> {
  try {
    const notes = (await files.find(which))?.notes;
    if (notes) await files.note(which, { ...notes, verified: { at: new Date().toISOString(), problem } });
  } catch {
    process.stderr.write('The result could not be written down for `claude-agent backup list`.\n');
  }
}
