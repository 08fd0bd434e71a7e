import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, type Settings } from '@app/config';
import { PathsModule } from '@app/paths';
import { StorageModule } from '@app/storage';
import { AgentCatalog } from './agents/agent-catalog.js';
import { AgentFolders } from './agents/agent-folders.js';
import { AgentRegistry } from './agents/agent-registry.js';
import { AgentUploads } from './uploads/agent-uploads.js';
import { AgentsController } from './agents/agents.controller.js';
import { LoadedAgents } from './loading/loaded-agents.js';
import { PluginFolders } from './loading/plugin-folders.js';
import { SkillCatalog } from './skills/skill-catalog.js';
import { SkillsController } from './skills/skills.controller.js';

@Module({})
export class AgentsModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(AgentsModule, settings, () => ({
      imports: [PathsModule.for(settings), StorageModule.for(settings)],
      controllers: [AgentsController, SkillsController],
      providers: [
        AgentCatalog,
        AgentFolders,
        AgentRegistry,
        AgentUploads,
        LoadedAgents,
        PluginFolders,
        SkillCatalog,
      ],
      exports: [AgentCatalog],
    }));
  }
}
