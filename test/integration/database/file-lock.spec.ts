import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { tryLock } from '@app/database';
import sqlite3 from 'sqlite3';
import { tempDataDir } from '../../support/index.js';

const UNTRACED = sqlite3.Database.prototype.exec;

async function lockFile(): Promise<string> {
  return join(await tempDataDir(), '.lock');
}

describe('the lock of a folder', () => {
  it('is shared by many, and keeps out whoever wants it alone', async () => {
    const file = await lockFile();
    const one = await tryLock(file, 'shared');
    const two = await tryLock(file, 'shared');
    expect(one && two).not.toBeNull();
    await one?.release();
    expect(await tryLock(file, 'exclusive')).toBeNull();
    await two?.release();
    const alone = await tryLock(file, 'exclusive');
    expect(alone).not.toBeNull();
    expect(await tryLock(file, 'shared')).toBeNull();
    await alone?.release();
  });

  it('can be let go of twice, and stays free for others', async () => {
    const file = await lockFile();
    const held = await tryLock(file, 'shared');
    await Promise.all([held?.release(), held?.release()]);
    await held?.release();
    const alone = await tryLock(file, 'exclusive');
    expect(alone).not.toBeNull();
    await alone?.release();
  });

  it('does not make every statement of the process note a stack trace', async () => {
    const held = await tryLock(await lockFile(), 'shared');
    await held?.release();
    expect(sqlite3.Database.prototype.exec).toBe(UNTRACED);
  });
});
