import { Injectable } from '@nestjs/common';
import { joinPath, Paths, type DataPath } from '@app/paths';
import { ensureFolder } from '@app/storage';

/** Each session has a folder of its own under `/data/workspaces`, made when its first task runs. */
@Injectable()
export class Workspaces {
  constructor(private readonly paths: Paths) {}

  /** The folder of the session, which exists when this returns. */
  async prepare(sessionId: string): Promise<DataPath> {
    const folder = joinPath(this.paths.workspaces, sessionId);
    await ensureFolder(this.paths.workspaces, 0o700);
    await ensureFolder(folder, 0o700);
    return folder;
  }
}
