import type { Settings } from '@app/config';
import type { PersistenceFinding } from '@app/contracts';
import { RedisConnections } from '@app/redis';
import { lookAtPersistence } from '../../../api/src/storage/persistence-doctor.js';
import type { Finding } from './finding.js';

/** The same checks as `GET /api/storage/persistence`, made from here: also while the server does not run. */
export async function checkStorage(settings: Settings): Promise<Finding[]> {
  const connections = settings.redis ? new RedisConnections(settings.redis) : null;
  try {
    return (await lookAtPersistence(settings, connections)).items.map(toLine);
  } finally {
    await connections?.onApplicationShutdown();
  }
}

function toLine({ level, check, code, message, remedy }: PersistenceFinding): Finding {
  return {
    level,
    name: check,
    text: level === 'ok' ? message : `${code}: ${message} ${remedy ?? ''}`.trim(),
  };
}
