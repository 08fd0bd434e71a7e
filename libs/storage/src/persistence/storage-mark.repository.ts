import { Injectable } from '@nestjs/common';
import { Database } from '@app/database';

@Injectable()
export class StorageMarkRepository {
  constructor(private readonly database: Database) {}

  /** Notes a start with that data folder. `now`: an ISO instant. */
  async note(volumeId: string, now: string): Promise<void> {
    await this.database.write((manager) =>
      manager.query(
        `INSERT INTO storage_marks (volume_id, first_start, last_start, starts) VALUES ($1, $2, $3, 1)
         ON CONFLICT (volume_id) DO UPDATE SET last_start = excluded.last_start, starts = storage_marks.starts + 1`,
        [volumeId, now, now],
      ),
    );
  }
}
