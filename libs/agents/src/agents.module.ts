import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, type Settings } from '@app/config';
import { PathsModule } from '@app/paths';
import { StorageModule } from '@app/storage';
import { AgentCatalog } from './agent-catalog.js';
import { AgentFolders } from './agent-folders.js';
import { AgentRegistry } from './agent-registry.js';
import { AgentUploads } from './agent-uploads.js';
import { AgentsController } from './agents.controller.js';
import { LoadedAgents } from './loaded-agents.js';
import { PluginFolders } from './plugin-folders.js';
import { SkillCatalog } from './skill-catalog.js';
import { SkillsController } from './skills.controller.js';

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
