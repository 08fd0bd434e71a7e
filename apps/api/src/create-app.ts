import { NestFactory, Reflector } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AuthGuard } from '@app/auth';
import type { Settings } from '@app/config';
import type { ExecutionParts } from '@app/execution';
import { createLogger, NestLogger } from '@app/observability';
import { StorageRoom } from '@app/storage';
import type { StartedParts } from '../../worker/src/start/started-parts.js';
import { AppModule } from './app.module.js';
import { OpenApi } from './docs/open-api.js';
import { AppErrorFilter } from './http/app-error.filter.js';
import { BodyGuard } from './http/body.guard.js';
import { raiseBorder } from './http/border.js';
import { RoomGuard } from './http/room.guard.js';
import { validationPipe } from './http/validation.js';
import { LiveAdapter } from './live-adapter.js';

/** The service, put together and connected to its database, but not yet listening. `started` is told of its parts. */
export async function createApp(
  settings: Settings,
  parts: ExecutionParts,
  started: StartedParts,
): Promise<NestExpressApplication> {
  const logger = await createLogger(settings);
  const app = await NestFactory.create<NestExpressApplication>(AppModule.for(settings, parts), {
    // Kept until the parts exist: what fails before that is told in one sentence, not in Nest's pages of log.
    bufferLogs: true,
    autoFlushLogs: false,
    abortOnError: false,
    bodyParser: false,
    forceCloseConnections: true,
    instrument: started.instrument,
  });
  app.useLogger(new NestLogger(logger));
  app.flushLogs();
  raiseBorder(app, logger);
  // These are for HTTP alone (as APP_GUARD and its like would not be): gateways answer by acknowledgement.
  app.useGlobalFilters(new AppErrorFilter());
  // In this order, and no interceptors: each request would pay for them.
  app.useGlobalGuards(
    app.get(AuthGuard),
    new BodyGuard(app.get(Reflector)),
    new RoomGuard(app.get(StorageRoom, { strict: false })),
  );
  app.useGlobalPipes(validationPipe());
  app.useWebSocketAdapter(new LiveAdapter(app));
  app.get(OpenApi).describes(app);
  return app;
}
