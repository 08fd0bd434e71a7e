import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { AppError } from '@app/contracts';
import { newId } from '@app/database';
import { OriginPolicy } from '@app/auth';
import { joinPath, Paths } from '@app/paths';
import { requestLog } from '@app/observability';
import { Settings } from '@app/config';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { OpenRequests } from './open-requests.js';
import { sendJson } from './send-json.js';
import type { Logger } from 'pino';

/** What every request passes before a route is looked for; the order matters. */
export function raiseBorder(app: NestExpressApplication, logger: Logger): void {
  const settings = app.get(Settings);
  const policy = app.get(OriginPolicy);
  app.disable('x-powered-by');
  app.set('trust proxy', false); // headers such as X-Forwarded-For are what the sender likes them to be
  app.set('etag', false); // answers of the API are never kept; files have an etag of their own
  app.getHttpAdapter().getInstance().response.json = sendJson;
  const requests = app.get(OpenRequests);
  app.getHttpServer().on('connection', requests.greet);
  app.use(
    inOne(
      requestLog(logger, newId),
      requests.watch,
      securityHeaders(settings),
      refuseForeignHosts(policy),
      neverStore,
    ),
  );
  if (settings.corsOrigins.length > 0) allowListedOrigins(app, policy);
  app.useStaticAssets(joinPath(app.get(Paths).app, 'apps/api/public'));
}

type Step = (request: Request, response: Response, next: NextFunction) => void;

/** Steps that every request takes, as one for Express, which looks at path and method again before each. */
function inOne(...steps: readonly Step[]): Step {
  return (request, response, next) => {
    const go = (place: number): void => {
      const step = steps[place];
      if (step) step(request, response, (error?: unknown) => (error ? next(error) : go(place + 1)));
      else next();
    };
    go(0);
  };
}

/** No inline script or style, nothing from elsewhere: what a task prints cannot become code of the dashboard. */
function securityHeaders(settings: Settings) {
  const https = settings.publicUrl?.startsWith('https://') ?? false;
  const middleware = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: https,
    xFrameOptions: { action: 'deny' },
  });
  const headers = headersOf(middleware);
  return (_request: Request, response: Response, next: NextFunction): void => {
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}

/** What helmet says is the same for every answer, so it is asked once. */
function headersOf(middleware: ReturnType<typeof helmet>): [name: string, value: string][] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  middleware(request, response, () => undefined);
  return Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]);
}

function refuseForeignHosts(policy: OriginPolicy) {
  return (request: Request, _response: Response, next: NextFunction): void => {
    if (policy.hostAllowed(request.headers.host)) return next();
    next(
      new AppError(
        'HOST_NOT_ALLOWED',
        'The service does not answer to this host name. Set PUBLIC_URL to the address it is reached under.',
      ),
    );
  };
}

/** An origin that is not listed gets no CORS header at all, so that its browser refuses. */
function allowListedOrigins(app: NestExpressApplication, policy: OriginPolicy): void {
  app.enableCors((request: Request, done: (error: Error | null, options: object) => void) => {
    done(null, {
      origin: policy.corsAllowed(request.headers.origin),
      credentials: true,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'Last-Event-ID'],
      exposedHeaders: ['Location', 'Retry-After', 'X-Request-Id'],
      maxAge: 600,
    });
  });
}

/** Files are asked for again each time and found unchanged; all else is private to the moment. */
function neverStore(request: Request, response: Response, next: NextFunction): void {
  const isAnswer = /^\/(api|webhooks|metrics)(\/|$)/i.test(request.path);
  response.setHeader('Cache-Control', isAnswer ? 'no-store' : 'no-cache');
  next();
}
