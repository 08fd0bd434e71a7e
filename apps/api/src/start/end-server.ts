import { setTimeout as delay } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Settings } from '@app/config';
import { TaskProcessor } from '@app/execution';
import { HealthChecks } from '@app/observability';
import type { Endable } from '../../../worker/src/start/end-on-signals.js';
import { OpenRequests } from '../http/open-requests.js';

/**
 * The clean end of a server, in this order: it says that it is not ready, and goes on answering; it takes no more tasks
 * and ends or hands back those it has; it accepts no more connections and answers what was asked; then sockets and
 * everything else are closed. What is submitted meanwhile is stored, and run by others or at the next start.
 */
export function endOf(app: NestExpressApplication): Endable {
  const hurried = new AbortController();
  const executes = app.get(Settings, { strict: false }).role !== 'api';
  const processor = executes ? app.get(TaskProcessor, { strict: false }) : null;
  return {
    close: async ({ delayMs = 0 } = {}) => {
      app.get(HealthChecks, { strict: false }).beginShutdown();
      const requests = app.get(OpenRequests);
      requests.turnAway();
      const drained = processor?.drain();
      await delay(delayMs, undefined, { signal: hurried.signal }).catch(() => undefined);
      await drained;
      await requests.finish(app.getHttpServer());
      await app.close();
    },
    hurry: () => {
      hurried.abort();
      processor?.handBack();
    },
  };
}
