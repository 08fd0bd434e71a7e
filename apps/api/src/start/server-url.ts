import type { Server } from 'node:http';
import type { Settings } from '@app/config';

const THIS_MACHINE = new Set(['127.0.0.1', '0.0.0.0', '::', '::1', 'localhost']);

/** `url` works on this machine; `shown` is what people are told: PUBLIC_URL when it is set. */
export function serverUrl(settings: Settings, server: Server): { url: string; shown: string } {
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : settings.port;
  const name = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const url = `http://${THIS_MACHINE.has(settings.host) ? 'localhost' : name}:${port}`;
  return { url, shown: settings.publicUrl ?? url };
}
