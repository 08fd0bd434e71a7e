import type { IncomingMessage } from 'node:http';
import { AppError } from '@app/contracts';

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The whole body as text. What is beyond the limit is neither kept nor waited for. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const tooLarge = () => new AppError('PAYLOAD_TOO_LARGE', `The body is larger than ${maxBytes} bytes.`);
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send the body uncompressed.');
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > maxBytes) finish(() => reject(tooLarge()));
    };
    const end = (): void => finish(() => decode(Buffer.concat(chunks), resolve, reject));
    const cut = (): void =>
      finish(() => reject(new AppError('VALIDATION_FAILED', 'The request ended too early.')));
    const finish = (settle: () => void): void => {
      request.off('data', take).off('end', end).off('close', cut).off('error', cut);
      request.on('error', () => undefined).resume();
      settle();
    };
    request.on('data', take).on('end', end).on('close', cut).on('error', cut);
  });
}

/** Refuses what is not UTF-8, and keeps nothing between two bodies. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

function decode(body: Buffer, resolve: (text: string) => void, reject: (error: Error) => void): void {
  try {
    resolve(UTF8.decode(body));
  } catch {
    reject(new AppError('INVALID_JSON', 'The body is not UTF-8 text.'));
  }
}
