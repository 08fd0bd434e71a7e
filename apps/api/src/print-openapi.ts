import { NestFactory } from '@nestjs/core';
import { loadSettings } from '@app/config';
import { AppModule } from './app.module.js';
import { describeApi } from './docs/describe-api.js';
import { sortKeys } from './docs/sort-keys.js';

/** Preview: the modules are read, but nothing is made or connected. Own settings, so that it prints the same anywhere. */
const app = await NestFactory.create(AppModule.for(loadSettings({})), {
  preview: true,
  logger: false,
  abortOnError: false,
});
process.stdout.write(`${JSON.stringify(sortKeys(describeApi(app)), null, 2)}\n`);
