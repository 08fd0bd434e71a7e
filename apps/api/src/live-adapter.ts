import type { IncomingMessage } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { Settings } from '@app/config';
import { OriginPolicy } from '@app/auth';

/** Nest's package brings a Socket.IO of its own, whose types are not those of ours. */
type Server = ReturnType<IoAdapter['createIOServer']>;
type ServerOptions = Parameters<IoAdapter['createIOServer']>[1];

const MAX_FRAME_BYTES = 1_000_000;

/** Socket.IO behind the same border as HTTP. Who connects is for the gateway to ask. */
export class LiveAdapter extends IoAdapter {
  private readonly policy: OriginPolicy;
  private readonly corsOrigins: string[];

  constructor(app: NestExpressApplication) {
    super(app);
    this.policy = app.get(OriginPolicy);
    this.corsOrigins = app.get(Settings).corsOrigins;
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const border = {
      serveClient: true, // the page loads it from /socket.io/socket.io.esm.min.js
      maxHttpBufferSize: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      // No connectionStateRecovery: what was missed is read from the event log, which remembers longer.
      cors: { origin: this.corsOrigins, credentials: true },
      allowRequest: (request: IncomingMessage, done: (error: string | null, allowed: boolean) => void) => {
        const refusal = this.refusal(request);
        if (refusal !== null) refuseUpgrade(request, refusal);
        done(refusal, refusal === null);
      },
    };
    return super.createIOServer(port, Object.assign({}, options, border));
  }

  /** Programs send no origin, nor do browsers with a plain GET of their own page: those need a key or the cookie. */
  private refusal({ headers: { host, origin } }: IncomingMessage): string | null {
    if (!this.policy.hostAllowed(host)) return 'HOST_NOT_ALLOWED';
    if (origin !== undefined && !this.policy.originAllowed(origin, host)) return 'ORIGIN_DENIED';
    return null;
  }
}

/** Socket.IO itself refuses polling with 403, but an upgrade with 400, unless it was answered already. */
function refuseUpgrade(request: IncomingMessage, reason: string): void {
  if (request.headers.upgrade === undefined || !request.socket.writable) return;
  request.socket.end(
    `HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${reason.length}\r\n\r\n${reason}`,
  );
}
