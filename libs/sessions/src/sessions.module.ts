import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, type Settings } from '@app/config';
import { DatabaseModule } from '@app/database';
import { SessionConnectionEntity } from './session-connection.entity.js';
import { SessionConnections } from './session-connection.repository.js';
import { SessionController } from './session.controller.js';
import { SessionEntity } from './session.entity.js';
import { SessionRepository } from './session.repository.js';
import { SessionService } from './session.service.js';

@Module({})
export class SessionsModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(SessionsModule, settings, () => ({
      imports: [
        DatabaseModule.for(settings),
        ...DatabaseModule.entities(SessionEntity, SessionConnectionEntity),
      ],
      controllers: [SessionController],
      providers: [SessionRepository, SessionService, SessionConnections],
      exports: [SessionRepository, SessionService, SessionConnections],
    }));
  }
}
