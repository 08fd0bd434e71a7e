import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AppError, roleAllows, type Role } from '@app/contracts';
import type { Request } from 'express';
import { NEEDED_ROLE, PUBLIC_ROUTE, type Caller } from './access.js';
import { Authenticator } from './authenticator.js';
import { OriginPolicy } from './origin-policy.js';

const READING = new Set(['GET', 'HEAD']);

/**
 * Stands before every HTTP route. Sockets are not its business: the gateway asks `Authenticator` once, at the
 * handshake, and guards of messages could no longer refuse the connection.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    private readonly origins: OriginPolicy,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const places = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_ROUTE, places)) return true;

    const request = context.switchToHttp().getRequest<Request & { caller?: Caller }>();
    const caller = await this.authenticator.authenticate(request.headers);
    if (!caller)
      throw new AppError('UNAUTHENTICATED', 'Send a valid API key as "Authorization: Bearer <key>".');
    if (caller.via === 'cookie') this.checkOrigin(request);
    const needed =
      this.reflector.getAllAndOverride<Role | undefined>(NEEDED_ROLE, places) ?? defaultRole(request);
    if (!roleAllows(caller.role, needed)) {
      throw new AppError(
        'FORBIDDEN',
        `This needs the role ${needed}; the key "${caller.name}" has ${caller.role}.`,
      );
    }
    request.caller = caller;
    return true;
  }

  /**
   * SameSite does not tell ports of one host apart, so another program's page on localhost would be let in. Browsers
   * send an origin with all that is not a plain reading; where it is missing, they say otherwise where they are.
   */
  private checkOrigin(request: Request): void {
    const { origin, host } = request.headers;
    const allowed =
      origin === undefined
        ? READING.has(request.method) || request.headers['sec-fetch-site'] === 'same-origin'
        : this.origins.originAllowed(origin, host);
    if (!allowed) {
      throw new AppError(
        'ORIGIN_DENIED',
        'A browser login cannot be used from this web page. Programs send an API key.',
      );
    }
  }
}

function defaultRole(request: Request): Role {
  return READING.has(request.method) ? 'viewer' : 'operator';
}
