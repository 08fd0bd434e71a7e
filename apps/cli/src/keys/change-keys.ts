import { loadSettings } from '@app/config';
import { KeyRotation } from '@app/credentials';
import { Paths } from '@app/paths';
import { enterDataFolder } from '@app/storage';

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
    process.stdout.write(`${credentials} credentials are encrypted with a new key.\n`);
    if (unreadable.length > 0) {
      process.stderr.write(
        `These cannot be opened, and no old key was dropped: ${unreadable.join(', ')}. Store or remove them, then run this again.\n`,
      );
    } else if (oldMasterKeys > 0) {
      process.stdout.write(
        `${oldMasterKeys} old master keys are still there. Backups from before need them: keep a copy, then run \`claude-agent keys rewrap --drop-old\`.\n`,
      );
    }
    return unreadable.length > 0 ? 1 : 0;
  });
}

/** Not beside a restore, which replaces the folder. */
async function withKeys<T>(work: (keys: KeyRotation) => Promise<T>): Promise<T> {
  const settings = loadSettings();
  const entered = await enterDataFolder(settings);
  try {
    return await work(new KeyRotation(settings, new Paths(settings)));
  } finally {
    await entered.release();
  }
}
