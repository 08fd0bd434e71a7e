import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Settings } from '@app/config';

/** Throws what listening would throw. */
export async function checkPort({ host, port }: Settings): Promise<void> {
  if (port === 0) return;
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}
