import { Controller } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { FilesController } from '../folders/files.controller.js';
import { FolderChanges } from '../uploads/folder-changes.js';
import { AgentCatalog } from './agent-catalog.js';
import { AgentRules } from './agent-rules.js';

@ApiTags('agents')
@Controller('api/agents/:name/files')
export class AgentFilesController extends FilesController {
  constructor(rules: AgentRules, changes: FolderChanges, catalog: AgentCatalog) {
    super(rules, changes, async (name) => (await catalog.get(name)).files);
  }
}
