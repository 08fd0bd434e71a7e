import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it } from '@jest/globals';
import { endFailedStart, StartedParts } from './started-parts.js';

@Module({})
class ModuleOfATest {}

/** A start of these parts, which must fail; what it has opened is closed when this resolves. */
async function failing(parts: StartedParts, providers: Provider[]): Promise<string> {
  const module: DynamicModule = { module: ModuleOfATest, providers };
  try {
    await NestFactory.createApplicationContext(module, {
      logger: false,
      abortOnError: false,
      instrument: parts.instrument,
    });
    return 'it started';
  } catch (error) {
    await endFailedStart(parts, undefined);
    return String(error);
  }
}

function part(provide: string, ended: string[], inject: string[] = []): Provider {
  return {
    provide,
    inject,
    useFactory: () => ({
      onModuleDestroy: () => void ended.push(`${provide} rests`),
      onApplicationShutdown: () => void ended.push(`${provide} closes`),
    }),
  };
}

const broken = (inject: string[]): Provider => ({
  provide: 'broken',
  inject,
  useFactory: () => {
    throw new Error('broken on purpose');
  },
});

describe('what a failed start has made', () => {
  it('is ended, the last part first, and the error of the start is told', async () => {
    const ended: string[] = [];
    const providers = [part('first', ended), part('second', ended, ['first']), broken(['second'])];
    expect(await failing(new StartedParts(), providers)).toBe('Error: broken on purpose');
    expect(ended).toEqual(['second rests', 'first rests', 'second closes', 'first closes']);
  });

  it('is ended also where a part fails to end, or takes too long', async () => {
    const ended: string[] = [];
    const refuses = { onApplicationShutdown: () => Promise.reject(new Error('refused')) };
    const hangs = { onApplicationShutdown: () => new Promise(() => undefined) };
    const providers = [
      part('first', ended),
      { provide: 'refuses', inject: ['first'], useFactory: () => refuses },
      { provide: 'hangs', inject: ['refuses'], useFactory: () => hangs },
      broken(['hangs']),
    ];
    const parts = new StartedParts({ partMs: 20, allMs: 8000 });
    expect(await failing(parts, providers)).toBe('Error: broken on purpose');
    expect(ended).toEqual(['first rests', 'first closes']);
  });

  it('is ended when it comes later than the failure', async () => {
    let connect: (part: object) => void = () => undefined;
    const connecting = new Promise<object>((resolve) => (connect = resolve));
    const providers = [{ provide: 'slow', useFactory: () => connecting }, broken([])];
    expect(await failing(new StartedParts(), providers)).toBe('Error: broken on purpose');
    const closed = new Promise<string>((resolve) =>
      connect({ onApplicationShutdown: () => resolve('closed') }),
    );
    expect(await closed).toBe('closed');
  });
});
