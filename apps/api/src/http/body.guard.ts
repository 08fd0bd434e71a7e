import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { BODY_RULES, type BodyRules, type Caller } from '@app/auth';
import { AppError } from '@app/contracts';
import type { Request } from 'express';
import { parseJsonObject } from './parse-json.js';
import { hasBody, readBody } from './read-body.js';

const MAX_BYTES = 2_000_000;

/**
 * Reads JSON bodies, after the guard that asks who it is: nobody who is not let in makes us read or parse anything. It
 * is a guard itself because it lets in only what can be read, and because an interceptor would wrap every request.
 *
 * The founding document's `curl -d '{…}'` sends JSON under the name of a form. Callers with a key may do that.
 * Browsers may not: a form is what a foreign page can send without asking first.
 */
@Injectable()
export class BodyGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rules = this.reflector.getAllAndOverride<BodyRules | undefined>(BODY_RULES, [
      context.getHandler(),
      context.getClass(),
    ]);
    const request = context.switchToHttp().getRequest<Request & { caller?: Caller }>();
    if (!rules?.raw && hasBody(request)) await this.read(request, rules ?? {});
    return true;
  }

  private async read(request: Request & { caller?: Caller }, rules: BodyRules): Promise<void> {
    const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
    if (rules.otherTypes?.includes(type)) return;
    const asForm = type === 'application/x-www-form-urlencoded' || type === '';
    if (type !== 'application/json' && !(asForm && request.caller?.via === 'bearer')) {
      const accepted = ['application/json', ...(rules.otherTypes ?? [])].join(' or ');
      throw new AppError('UNSUPPORTED_MEDIA_TYPE', `Send the body as ${accepted}.`);
    }
    request.body = parseJsonObject(await readBody(request, rules.maxBytes ?? MAX_BYTES));
  }
}
