import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { Role } from '@app/contracts';

/** Who makes a request: the API key it came with, or the one its login was made from. */
export interface Caller {
  key_id: string;
  name: string;
  role: Role;
  /** `bearer`: a program that holds the key; `cookie`: a browser after login. */
  via: 'bearer' | 'cookie';
  /** Which login of the key, when there is one: a log-out ends that login and no other. */
  login_id?: string;
}

export const NEEDED_ROLE = 'needed_role';
export const PUBLIC_ROUTE = 'public_route';

/**
 * The least role a route or controller needs. Without it a route that only reads needs `viewer` and any other
 * `operator`; no route is open by omission.
 */
export const RequireRole = (role: Role): ClassDecorator & MethodDecorator => SetMetadata(NEEDED_ROLE, role);

/** A route that needs no key: liveness, login, signed webhooks. */
export const Public = (): ClassDecorator & MethodDecorator => SetMetadata(PUBLIC_ROUTE, true);

/** The caller of an authenticated route, as the guard put it on the request. */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<{ caller?: Caller }>();
  if (!caller) throw new Error('CurrentCaller is used on a public route');
  return caller;
});

export interface BodyRules {
  /** Largest JSON body in bytes; 2 MB where nothing is said. */
  maxBytes?: number;
  /** Content types, beside JSON, that the route reads from the request by itself, such as `multipart/form-data`. */
  otherTypes?: readonly string[];
  /** Nothing is read before the route is called, whatever the type: it checks a signature over the raw bytes. */
  raw?: boolean;
}

export const BODY_RULES = 'body_rules';

/** What a route takes as its body, where that is not a JSON object of at most 2 MB. */
export const AcceptsBody = (rules: BodyRules): ClassDecorator & MethodDecorator =>
  SetMetadata(BODY_RULES, rules);
