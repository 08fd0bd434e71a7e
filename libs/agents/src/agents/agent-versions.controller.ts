import { Controller } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { VersionsController } from '../versions/versions.controller.js';
import { VersionsService } from '../versions/versions.service.js';
import { AgentFolders } from './agent-folders.js';
import { AgentUploads } from './agent-uploads.js';

@ApiTags('agents')
@Controller('api/agents/:name/versions')
export class AgentVersionsController extends VersionsController {
  constructor(versions: VersionsService, folders: AgentFolders, uploads: AgentUploads) {
    super(versions, {
      kind: 'agents',
      locate: (name) => folders.locate(name),
      restore: (name, digest, author) => uploads.restore(name, digest, author),
    });
  }
}
