import { Injectable, type OnModuleInit } from '@nestjs/common';
import { joinPath, Paths, type DataPath } from '@app/paths';
import { ensureFolder } from '@app/storage';

/** Each session has a folder of its own under `/data/workspaces`, made when its first task runs. */
@Injectable()
export class Workspaces implements OnModuleInit {
  constructor(private readonly paths: Paths) {}

  onModuleInit(): Promise<void> {
    return ensureFolder(this.paths.workspaces, 0o700);
  }

  /** The folder of the session, which exists when this returns. */
  async prepare(sessionId: string): Promise<DataPath> {
    const folder = joinPath(this.paths.workspaces, sessionId);
    await ensureFolder(folder, 0o700);
    return folder;
  }
}
