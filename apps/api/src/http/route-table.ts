import type { Application } from 'express';

export interface Route {
  /** Upper case. */
  method: string;
  /** As declared, with `:name` for its parameters. */
  path: string;
}

/** All routes as Express knows them, whoever registered them: what is not in here cannot be reached. */
export function routeTable(app: Application): Route[] {
  return app.router.stack.flatMap(({ route }) => {
    if (!route) return [];
    return route.stack.map(({ method }) => ({ method: method.toUpperCase(), path: route.path }));
  });
}

/** The methods that an address answers to. */
export function methodsAt(app: Application, address: string): string[] {
  const routes = routeTable(app).filter(({ path }) => formOf(path).test(address));
  return [...new Set(routes.map(({ method }) => method))].sort();
}

function formOf(path: string): RegExp {
  const escaped = path.replace(/[.+?^$()[\]\\|]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\{?\*\w+\}?/g, '.*').replace(/:\w+/g, '[^/]+')}/?$`, 'i');
}
