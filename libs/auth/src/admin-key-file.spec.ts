import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { tempDataDir } from '../../../test/support/temp-folder.js';
import { AdminKeyFile } from './admin-key-file.js';

describe('AdminKeyFile', () => {
  it('keeps the key for its owner alone, and leaves nothing else behind', async () => {
    const dataDir = await tempDataDir();
    await mkdir(join(dataDir, 'credentials'), { mode: 0o755 });
    const file = new AdminKeyFile({ dataDir });
    expect(await file.read()).toBeNull();
    await file.write('cca_first');
    await file.write('cca_second');
    expect(await file.read()).toBe('cca_second');
    expect(await readdir(join(dataDir, 'credentials'))).toEqual(['admin.key']);
    expect((await stat(join(dataDir, 'credentials'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'credentials', 'admin.key'))).mode & 0o777).toBe(0o600);
  });

  it('does not take a folder that it cannot read for one without a key', async () => {
    const dataDir = await tempDataDir();
    await writeFile(join(dataDir, 'credentials'), 'a file in the way');
    await expect(new AdminKeyFile({ dataDir }).read()).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});
