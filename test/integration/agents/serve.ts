import type { DynamicModule, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { NEEDED_ROLE, type Caller } from '@app/auth';
import { roleAllows, type Role } from '@app/contracts';
import { AppErrorFilter } from '../../../apps/api/src/http/app-error.filter.js';
import { BodyGuard } from '../../../apps/api/src/http/body.guard.js';
import { validationPipe } from '../../../apps/api/src/http/validation.js';

/** One library over HTTP as the service has it, where the role of the caller is simply said: `x-role: viewer`. */
export async function serve(module: DynamicModule): Promise<NestExpressApplication> {
  const built = await Test.createTestingModule({ imports: [module] }).compile();
  const app = built.createNestApplication<NestExpressApplication>({ bodyParser: false, logger: false });
  const reflector = app.get(Reflector);
  app.useGlobalFilters(new AppErrorFilter());
  app.useGlobalGuards({
    canActivate: (context: ExecutionContext): boolean => {
      const request = context
        .switchToHttp()
        .getRequest<{ headers: Record<string, string>; caller: Caller }>();
      const role = (request.headers['x-role'] ?? 'admin') as Role;
      request.caller = { key_id: `key-of-${role}`, name: role, role, via: 'bearer' };
      const needed = reflector.getAllAndOverride<Role | undefined>(NEEDED_ROLE, [
        context.getHandler(),
        context.getClass(),
      ]);
      return roleAllows(role, needed ?? 'viewer');
    },
  });
  app.useGlobalGuards(new BodyGuard(reflector));
  app.useGlobalPipes(validationPipe());
  await app.init();
  return app;
}
