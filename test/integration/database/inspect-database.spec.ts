import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { describe, expect, it, jest } from '@jest/globals';
import { loadSettings, type Settings } from '@app/config';
import { Database, DatabaseModule, inspectDatabase } from '@app/database';
import { SET_UPS, tempDataDir } from '../../support/index.js';

jest.setTimeout(30_000);

describe.each(SET_UPS)('looking at a database without changing it: $name', ({ environment }) => {
  const newSettings = async (): Promise<Settings> =>
    loadSettings({ ...(await environment()), DATA_DIR: await tempDataDir() });

  /** Opens it as the service does. */
  async function opened(settings: Settings, change?: string): Promise<void> {
    const module = await Test.createTestingModule({
      imports: [DatabaseModule.for({ ...settings })],
    }).compile();
    if (change) await module.get(Database).write((manager) => manager.query(change));
    await module.close();
  }

  it('makes nothing where there is nothing', async () => {
    const settings = await newSettings();
    expect(await inspectDatabase(settings)).toEqual({ kind: 'empty' });
    expect(await inspectDatabase(settings)).toEqual({ kind: 'empty' });
    expect(existsSync(join(settings.dataDir, 'db'))).toBe(false);
  });

  it('tells one that is up to date from one that is older, and leaves that as it is', async () => {
    const settings = await newSettings();
    await opened(settings);
    expect(await inspectDatabase(settings)).toEqual({ kind: 'current' });
    await opened(settings, "DELETE FROM migrations WHERE name LIKE 'Workers%'");
    expect(await inspectDatabase(settings)).toEqual({ kind: 'older', pending: 1 });
    expect(await inspectDatabase(settings)).toEqual({ kind: 'older', pending: 1 });
  });

  it('knows one that a newer version has changed', async () => {
    const settings = await newSettings();
    await opened(settings, `INSERT INTO migrations (timestamp, name) VALUES (1, 'Later1')`);
    expect(await inspectDatabase(settings)).toEqual({ kind: 'newer' });
  });
});
