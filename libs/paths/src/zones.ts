import { isAbsolute, join, normalize, sep } from 'node:path';

declare const zone: unique symbol;
/** A place in the read-only image. No writer accepts it. */
export type AppPath = string & { readonly [zone]: 'app' };
/** A place on the volume. Every writer takes this one. */
export type DataPath = string & { readonly [zone]: 'data' };

/** Joins names below a path without ever leaving it: `..`, absolute parts and NUL are refused. */
export function joinPath<P extends AppPath | DataPath>(base: P, ...parts: string[]): P {
  for (const part of parts) {
    if (part === '' || part.includes('\0') || isAbsolute(part) || part.split(/[\\/]/).includes('..')) {
      throw new Error('a path part must be a plain relative name');
    }
  }
  const joined = join(base, ...parts);
  if (joined !== normalize(base) && !joined.startsWith(base.endsWith(sep) ? base : base + sep)) {
    throw new Error('a path part leaves its folder');
  }
  return joined as P;
}
