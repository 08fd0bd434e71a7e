import type { Settings } from '@app/config';
import { destination, pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { maskSecrets } from './mask-secrets.js';

const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'set-cookie',
  'key',
  'api_key',
  'token',
  'password',
  'secret',
];

/** One JSON object per line, or readable lines on a terminal. `stream` is for tests. */
export async function createLogger(
  settings: Pick<Settings, 'logLevel' | 'logJson' | 'machineId'>,
  stream?: DestinationStream,
): Promise<Logger> {
  const options: LoggerOptions = {
    level: settings.logLevel,
    base: { machine_id: settings.machineId },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRET_FIELDS.flatMap((name) => forms(name)), censor: '[redacted]' },
    hooks: { streamWrite: maskSecrets },
  };
  const json = settings.logJson ?? !process.stdout.isTTY;
  return pino(options, stream ?? (json ? destination({ fd: 1, sync: true }) : await readable()));
}

/** Beside the name alone, as a field of any object, and of an object in an object. */
function forms(name: string): string[] {
  return [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`];
}

/** Loaded only where somebody looks: a service in a container never needs it. */
async function readable(): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    sync: true,
    ignore: 'machine_id,request_id',
    // A line break in a message would let its author write lines of their own.
    messageFormat: (line, key) => oneLine(line[key]),
  });
}

function oneLine(message: unknown): string {
  return typeof message === 'string' ? message.replace(/[\r\n]+/g, ' ⏎ ') : '';
}
