import { Injectable } from '@nestjs/common';
import { AdminKeyFile } from './admin-key-file.js';
import { keyRow } from './api-key.service.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { Clock } from './clock.js';
import { describeSecret, hasForm, makeSecret, type KeySecret } from './key-secret.js';

/**
 * Gives a service without a usable admin key one: at the first start, and at the next start after the last one
 * expired. Whoever may start the service and read DATA_DIR owns it, so this opens nothing to anybody else.
 */
@Injectable()
export class FirstKey {
  constructor(
    private readonly repository: ApiKeyRepository,
    private readonly file: AdminKeyFile,
    private readonly clock: Clock,
  ) {}

  /** The key, to be shown once, when one was needed; otherwise null. */
  async ensure(): Promise<string | null> {
    const now = this.clock.now();
    if (await this.repository.anyUsableAdmin(now.toISOString())) return null;
    let secret = makeSecret('key');
    const inserted = await this.repository.insertFirstAdmin(now.toISOString(), async () => {
      secret = (await this.fromFile()) ?? secret;
      // Before the row is committed: a crash in between leaves a file, which the next start adopts. The other
      // way round it would leave a key that nobody knows.
      await this.file.write(secret.secret);
      return keyRow('key', secret, { name: 'admin', role: 'admin', createdAt: now, expiresAt: null });
    });
    return inserted ? secret.secret : null;
  }

  /** The key of another database's time (or of a start that crashed), unless this database has revoked it. */
  private async fromFile(): Promise<KeySecret | null> {
    const text = await this.file.read();
    if (text === null || !hasForm(text, 'key')) return null;
    const secret = describeSecret(text);
    return (await this.repository.findByHash(secret.hash)) ? null : secret;
  }
}
