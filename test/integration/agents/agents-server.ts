import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { AgentsModule } from '@app/agents';
import { makeFolders, settingsFor, type Folders } from './agents-fixture.js';
import { serve } from './serve.js';

/** The agents library over HTTP, on folders of its own. */
export class AgentsServer {
  private constructor(
    readonly folders: Folders,
    private app: NestExpressApplication,
  ) {}

  static async start(): Promise<AgentsServer> {
    const folders = await makeFolders();
    return new AgentsServer(folders, await serve(AgentsModule.for(settingsFor(folders))));
  }

  get userAgents(): string {
    return join(this.folders.dataDir, 'config/agents');
  }

  get userSkills(): string {
    return join(this.folders.dataDir, 'config/skills');
  }

  get registry(): string {
    return join(this.folders.dataDir, 'registry/agents.json');
  }

  api() {
    return request(this.app.getHttpServer());
  }

  upload(body: object, role = 'operator') {
    return this.api().post('/api/agents/upload').set('x-role', role).send(body);
  }

  async restart(): Promise<void> {
    await this.app.close();
    this.app = await serve(AgentsModule.for(settingsFor(this.folders)));
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
