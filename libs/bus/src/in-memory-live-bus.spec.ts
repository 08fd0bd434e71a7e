import { describe } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { InMemoryLiveBus } from './in-memory-live-bus.js';
import { itIsALiveBus } from './live-bus.contract.js';

Logger.overrideLogger(false);

describe('the bus in memory', () => {
  itIsALiveBus(async () => {
    const bus = new InMemoryLiveBus();
    return { here: bus, there: bus, close: async () => undefined };
  });
});
