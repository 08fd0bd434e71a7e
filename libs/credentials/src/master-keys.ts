import { AppError } from '@app/contracts';
import type { MasterKey } from './master-key.js';

/**
 * The master keys of the service: the current one wraps what is new, the others still open what they wrapped. Another
 * process may rotate them while this one runs: whoever meets a key that it does not know reads the file again.
 */
export class MasterKeys {
  private constructor(
    private keys: readonly MasterKey[],
    private readonly load: () => Promise<MasterKey[]>,
  ) {}

  /** Throws `KEK_MISMATCH` when the file cannot be read. */
  static async read(load: () => Promise<MasterKey[]>): Promise<MasterKeys> {
    return new MasterKeys(await load(), load);
  }

  /** The one that new keys are wrapped with. */
  async current(): Promise<MasterKey> {
    await this.refresh();
    const [first] = this.keys;
    if (!first) throw new AppError('KEK_MISMATCH', 'There is no master key.');
    return first;
  }

  /** Null when it is none of ours. */
  async find(id: string): Promise<MasterKey | null> {
    const known = this.keys.find((key) => key.id === id);
    if (known) return known;
    await this.refresh();
    return this.keys.find((key) => key.id === id) ?? null;
  }

  /** A file that was taken away after the start leaves the keys that were read then. */
  private async refresh(): Promise<void> {
    try {
      this.keys = await this.load();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }
}
