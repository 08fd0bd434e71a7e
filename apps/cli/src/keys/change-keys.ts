import { loadSettings } from '@app/config';
import { KeyRotation } from '@app/credentials';
import { Paths } from '@app/paths';
import { enterDataFolder, isFolder } from '@app/storage';
import { CliError } from '../cli-error.js';

/** On this machine's data folder, whether the server runs or not. */
export function rotateKeys(): Promise<void> {
  return withKeys(async (keys) => {
    const id = await keys.rotate();
    process.stdout.write(
      `The master key ${id} is the current one. The old ones stay readable; \`claude-agent keys rewrap --drop-old\` makes them useless.\n`,
    );
  });
}

/** Returns the exit code: 1 when something could not be opened. */
export function rewrapKeys({ dropOld }: { dropOld: boolean }): Promise<number> {
  return withKeys(async (keys) => {
    const { credentials, unreadable, oldMasterKeys } = await keys.rewrap({ dropOld });
    process.stdout.write(`${counted(credentials, 'credential')} encrypted with a new key.\n`);
    if (unreadable.length > 0) {
      process.stderr.write(
        `These cannot be opened, and no old key was dropped: ${unreadable.join(', ')}. Store or remove them, then run this again.\n`,
      );
    } else if (oldMasterKeys > 0) {
      process.stdout.write(
        `${counted(oldMasterKeys, 'old master key')} still there. Backups from before need the old ones: keep a copy, then run \`claude-agent keys rewrap --drop-old\`.\n`,
      );
    }
    return unreadable.length > 0 ? 1 : 0;
  });
}

/**
 * Not beside a restore, which replaces the folder. And only where a service has been: with a mistaken DATA_DIR a new
 * folder would get a new key, and whoever asked would think that the old one was replaced.
 */
async function withKeys<T>(work: (keys: KeyRotation) => Promise<T>): Promise<T> {
  const settings = loadSettings();
  const paths = new Paths(settings);
  if (!(await isFolder(paths.credentials))) {
    throw new CliError(
      `There are no credentials in ${settings.dataDir}. Set DATA_DIR to the data folder of the service whose keys are meant.`,
    );
  }
  const entered = await enterDataFolder(settings);
  try {
    return await work(new KeyRotation(settings, paths));
  } finally {
    await entered.release();
  }
}

const counted = (count: number, what: string): string =>
  count === 1 ? `1 ${what} is` : `${count} ${what}s are`;
