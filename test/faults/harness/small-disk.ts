import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A folder on a disk of its own, in memory, that can be filled. Only who may mount can have one. */
export class SmallDisk {
  private constructor(private readonly folder: string) {}

  /** Null where this user may not mount. */
  static mountAt(folder: string, megabytes: number): SmallDisk | null {
    const args = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', folder];
    return spawnSync('mount', args).status === 0 ? new SmallDisk(folder) : null;
  }

  /** There is not one byte left until the time is over. */
  async fill(forMs: number): Promise<void> {
    const makeRoom = await this.fillNow();
    await delay(forMs);
    await makeRoom();
  }

  /** Returns the function that makes room again. */
  async fillNow(): Promise<() => Promise<void>> {
    const ballast = join(this.folder, 'ballast');
    // Not in this process, whose clients measure how long they wait.
    const writing = spawn('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1M'], { stdio: 'ignore' });
    await once(writing, 'exit');
    return () => rm(ballast, { force: true });
  }

  unmount(): void {
    // Lazily: what still ends in there must not keep it.
    spawnSync('umount', ['--lazy', this.folder]);
  }
}
