import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { AppError } from '@app/contracts';
import { HealthChecks } from './health-checks.js';

describe('HealthChecks', () => {
  beforeEach(() => {
    jest.useFakeTimers();
    Logger.overrideLogger(false);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('says for each part whether it is well, and why not only where the reason is for people', async () => {
    const checks = new HealthChecks();
    checks.register('fine', () => Promise.resolve());
    checks.register('full', () => Promise.reject(new AppError('STORAGE_FULL', 'The disk is full.')));
    checks.register('odd', () => Promise.reject(new Error('secret detail')));
    expect(await checks.run()).toMatchObject([
      { name: 'fine', ok: true },
      { name: 'full', ok: false, problem: 'The disk is full.' },
      { name: 'odd', ok: false, problem: expect.not.stringContaining('secret') },
    ]);
  });

  it('does not wait longer than two seconds for any part', async () => {
    const checks = new HealthChecks();
    checks.register('hanging', () => new Promise(() => undefined));
    const run = checks.run();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(await run).toMatchObject([{ ok: false, problem: expect.stringContaining('2 s') }]);
  });

  it('asks the parts once a second however often it is asked itself', async () => {
    const probe = jest.fn(() => Promise.resolve());
    const checks = new HealthChecks();
    checks.register('part', probe);
    await Promise.all([checks.run(), checks.run()]);
    await checks.run();
    expect(probe).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(1_000);
    await checks.run();
    expect(probe).toHaveBeenCalledTimes(2);
  });

  it('is not ready any more once the shutdown began', async () => {
    const checks = new HealthChecks();
    checks.register('part', () => Promise.resolve());
    checks.onModuleDestroy();
    expect(await checks.run()).toMatchObject([{ name: 'shutdown', ok: false }]);
  });
});
