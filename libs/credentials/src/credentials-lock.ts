import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@app/contracts';
import { tryLock, type HeldLock } from '@app/database';
import { joinPath, type DataPath, type Paths } from '@app/paths';
import { SerialByKey, type DataFiles } from '@app/storage';

/** A change takes milliseconds; a rewrap of hundreds of credentials takes seconds. */
const PATIENCE_MS = 15_000;
const POLL_MS = 25;

/**
 * One change of the credentials folder at a time, over all processes and the command line: whoever reads a file to write
 * it again must not undo what another wrote meanwhile. Reading needs no lock, for each file changes in one step.
 */
export class CredentialsLock {
  private readonly file: DataPath;
  private readonly serial = new SerialByKey();

  constructor(
    private readonly files: DataFiles,
    private readonly paths: Paths,
  ) {
    this.file = joinPath(paths.credentials, '.lock');
  }

  /** Throws `DATA_IN_USE` when another process does not end its change. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.serial.run('credentials', async () => {
      await this.files.ensureFolder(this.paths.credentials, 0o700);
      const held = await this.acquire();
      try {
        return await work();
      } finally {
        await held.release();
      }
    });
  }

  private async acquire(): Promise<HeldLock> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const held = await this.tryOnce().catch((error: unknown) => {
        throw new AppError(
          'STORAGE_NOT_WRITABLE',
          'The credentials folder in DATA_DIR cannot be written. Check its owner and mode.',
          { cause: error },
        );
      });
      if (held) return held;
      if (performance.now() > deadline) {
        throw new AppError(
          'DATA_IN_USE',
          'Another process is changing the credentials and does not end. Try again in a moment.',
        );
      }
      await wait(POLL_MS);
    }
  }

  /** SQLite would make the file readable for others. */
  private async tryOnce(): Promise<HeldLock | null> {
    await (await open(this.file, 'a', 0o600)).close();
    return tryLock(this.file, 'exclusive');
  }
}
