import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, type Settings } from '@app/config';
import { PathsModule } from '@app/paths';
import { StorageModule } from '@app/storage';
import { AgentCatalog } from './agents/agent-catalog.js';
import { AgentFilesController } from './agents/agent-files.controller.js';
import { AgentFolders } from './agents/agent-folders.js';
import { AgentRegistry } from './agents/agent-registry.js';
import { AgentRules } from './agents/agent-rules.js';
import { AgentUploadsController } from './agents/agent-uploads.controller.js';
import { AgentUploads } from './agents/agent-uploads.js';
import { AgentVersionsController } from './agents/agent-versions.controller.js';
import { AgentsController } from './agents/agents.controller.js';
import { RunVersions } from './agents/run-versions.js';
import { UploadChecks } from './checks/upload-checks.js';
import { UserFolders } from './folders/user-folders.js';
import { LoadedAgents } from './loading/loaded-agents.js';
import { PluginFolders } from './loading/plugin-folders.js';
import { SkillCatalog } from './skills/skill-catalog.js';
import { SkillFilesController } from './skills/skill-files.controller.js';
import { SkillRules } from './skills/skill-rules.js';
import { SkillUploadsController } from './skills/skill-uploads.controller.js';
import { SkillUploads } from './skills/skill-uploads.js';
import { SkillVersionsController } from './skills/skill-versions.controller.js';
import { SkillsController } from './skills/skills.controller.js';
import { AgentsStart } from './start/agents-start.js';
import { VersionsAtStart } from './start/versions-at-start.js';
import { FolderChanges } from './uploads/folder-changes.js';
import { VersionHistory } from './versions/version-history.js';
import { VersionStore } from './versions/version-store.js';
import { VersionsService } from './versions/versions.service.js';

@Module({})
export class AgentsModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(AgentsModule, settings, () => ({
      imports: [PathsModule.for(settings), StorageModule.for(settings)],
      controllers: [
        // Before those whose addresses begin with a name.
        AgentUploadsController,
        AgentsController,
        AgentFilesController,
        AgentVersionsController,
        SkillUploadsController,
        SkillsController,
        SkillFilesController,
        SkillVersionsController,
      ],
      providers: [
        AgentCatalog,
        AgentFolders,
        AgentRegistry,
        AgentRules,
        AgentsStart,
        AgentUploads,
        FolderChanges,
        LoadedAgents,
        PluginFolders,
        RunVersions,
        SkillCatalog,
        SkillRules,
        SkillUploads,
        UploadChecks,
        UserFolders,
        VersionHistory,
        VersionsAtStart,
        VersionsService,
        VersionStore,
      ],
      exports: [AgentCatalog],
    }));
  }
}
