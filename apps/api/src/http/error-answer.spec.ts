import { describe, expect, it } from '@jest/globals';
import { BadRequestException, HttpException, NotFoundException } from '@nestjs/common';
import { AppError } from '@app/contracts';
import { toAppError, toErrorBody } from './error-answer.js';

describe('the answer to an error', () => {
  it('gives what an AppError says', () => {
    const error = new AppError('QUEUE_FULL', 'Try later.', { details: [{ field: 'a', message: 'b' }] });
    expect(toErrorBody(toAppError(error), 'r1')).toEqual({
      statusCode: 429,
      code: 'QUEUE_FULL',
      message: 'Try later.',
      request_id: 'r1',
      details: [{ field: 'a', message: 'b' }],
    });
  });

  it.each([
    [new NotFoundException('Cannot GET /etc/passwd'), 404, 'NOT_FOUND'],
    [new BadRequestException('Validation failed (uuid is expected)'), 400, 'VALIDATION_FAILED'],
    [new HttpException('x', 418), 400, 'VALIDATION_FAILED'],
    [Object.assign(new Error('too big'), { status: 413 }), 413, 'PAYLOAD_TOO_LARGE'],
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 503, 'DB_UNAVAILABLE'],
  ])('gives a framework’s %s a code of ours', (error, statusCode, code) => {
    const body = toErrorBody(toAppError(error), 'r1');
    expect(body).toMatchObject({ statusCode, code });
    expect(body.message).not.toContain('passwd');
  });

  it.each([new Error('SELECT secret'), new HttpException('inner', 500), 'a string', undefined])(
    'says nothing about a mistake of ours (%s)',
    (error) => {
      const body = toErrorBody(toAppError(error), 'r1');
      expect(body).toMatchObject({ statusCode: 500, code: 'INTERNAL_ERROR' });
      expect(JSON.stringify(body)).not.toMatch(/secret|inner|string/);
    },
  );
});
