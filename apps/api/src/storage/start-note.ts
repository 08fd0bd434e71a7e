import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Paths } from '@app/paths';
import { noteStart, StorageMarkRepository } from '@app/storage';

/** Notes each start in the data folder and in the database, for the persistence doctor to compare. */
@Injectable()
export class StartNote implements OnApplicationBootstrap {
  private readonly logger = new Logger(StartNote.name);

  constructor(
    private readonly paths: Paths,
    private readonly marks: StorageMarkRepository,
  ) {}

  /** A full disk does not stop a start: what is there can still be read. */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await noteStart(this.paths, (volumeId, now) => this.marks.note(volumeId, now));
    } catch (error) {
      this.logger.warn({ err: error }, 'this start could not be noted in the data folder');
    }
  }
}
