import { Logger } from '@nestjs/common';
import { AppError, type Ack } from '@app/contracts';
import { databaseError } from '@app/database';
import { parseRequest } from './live-request.dto.js';
import { RequestRate } from './request-rate.js';

const logger = new Logger('LiveRequests');

export type AnswerRequest = <P extends object, T extends object>(
  shape: new () => P,
  payload: unknown,
  ack: Ack<T>,
  work: (request: P) => Promise<T>,
) => void;

/**
 * The way of every request of one socket: counted, checked, answered once by its acknowledgement, and harmless when
 * it fails. A request that wants no answer is not served: nobody would learn that it was refused.
 */
export function answerRequests(): AnswerRequest {
  const rate = new RequestRate();
  return <P extends object, T extends object>(
    shape: new () => P,
    payload: unknown,
    ack: Ack<T>,
    work: (request: P) => Promise<T>,
  ): void => {
    const allowed = rate.allows();
    // The types say what honest clients send.
    if (typeof ack !== 'function') return;
    const answer = async (): Promise<T> => {
      if (!allowed) throw new AppError('RATE_LIMITED', 'Too many requests on this connection. Slow down.');
      return work(parseRequest(shape, payload));
    };
    answer().then(
      (reply) => ack({ ok: true, ...reply }),
      (error: unknown) => ack({ ok: false, ...refusalOf(error) }),
    );
  };
}

/** What the sender may know of an error: the same codes as over HTTP. Our own mistakes are logged. */
export function refusalOf(error: unknown): { code: AppError['code']; message: string } {
  if (error instanceof AppError) return { code: error.code, message: error.message };
  const outage = databaseError(error);
  if (outage) {
    logger.warn({ err: error, code: outage.code }, 'a request on a socket met a database that is away');
    return { code: outage.code, message: outage.message };
  }
  logger.error({ err: error }, 'a request on a socket failed');
  return { code: 'INTERNAL_ERROR', message: 'The service made a mistake. Its log says more.' };
}
