import { Inject, Logger } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayInit } from '@nestjs/websockets';
import { Authenticator, KeyRevocations, type Caller } from '@app/auth';
import { LIVE_BUS, type LiveBus } from '@app/bus';
import { AppError, LIVE_NAMESPACE, roleAllows, type Ack } from '@app/contracts';
import { SessionConnections, SessionService } from '@app/sessions';
import { TaskService } from '@app/tasks';
import {
  EmptyDto,
  InputDto,
  parseAfter,
  parseRequest,
  StopDto,
  UnwatchDto,
  WatchSessionDto,
  WatchTaskDto,
} from './live-request.dto.js';
import type { LiveNamespace, LiveSocket } from './live-socket.js';
import { RequestRate } from './request-rate.js';
import { SocketWatcher } from './socket-watcher.js';
import { WatchHub } from './watch-hub.js';

const RECHECK_MS = 2000;

/** The live contract over Socket.IO: who may come in, what they may ask, and what they are answered. */
@WebSocketGateway({ namespace: LIVE_NAMESPACE })
export class SessionGateway implements OnGatewayInit<LiveNamespace> {
  private readonly logger = new Logger(SessionGateway.name);

  constructor(
    private readonly authenticator: Authenticator,
    private readonly revocations: KeyRevocations,
    readonly hub: WatchHub,
    readonly tasks: TaskService,
    readonly sessions: SessionService,
    readonly connections: SessionConnections,
    @Inject(LIVE_BUS) private readonly bus: LiveBus,
  ) {}

  afterInit(namespace: LiveNamespace): void {
    namespace.use((socket, next) => {
      this.admit(socket).then(
        () => next(),
        (error: unknown) => next(handshakeError(error)),
      );
    });
    namespace.on('connection', (socket) => this.serve(socket));
    this.revocations.subscribe(({ key_id, login_id }) => {
      for (const socket of namespace.sockets.values()) {
        const { caller } = socket.data;
        if (login_id ? caller.login_id === login_id : caller.key_id === key_id) socket.disconnect(true);
      }
    });
  }

  private async admit(socket: LiveSocket): Promise<void> {
    const { auth, headers } = socket.handshake;
    const key: unknown = auth.key;
    const caller = await this.authenticator.authenticate({
      authorization: headers.authorization,
      cookie: headers.cookie,
      key: typeof key === 'string' ? key : undefined,
    });
    if (!caller) throw new AppError('UNAUTHENTICATED', 'Connect with auth: {key} or after a login.');
    socket.data.caller = caller;
  }

  private serve(socket: LiveSocket): void {
    const { caller } = socket.data;
    const watcher = new SocketWatcher(socket, this);
    const rate = new RequestRate();
    const recheck = setInterval(() => void this.recheck(socket, caller), RECHECK_MS);
    socket.on('disconnect', () => {
      clearInterval(recheck);
      watcher.close();
    });
    /** Each request is checked, answered once, and harms nothing when it fails. */
    const answer = <P extends object, T extends object>(
      shape: new () => P,
      payload: unknown,
      ack: Ack<T>,
      work: (request: P) => Promise<T>,
    ): void => {
      if (typeof ack !== 'function') return;
      const run = async (): Promise<T> => {
        if (!rate.allows())
          throw new AppError('RATE_LIMITED', 'Too many requests on this connection. Slow down.');
        return work(parseRequest(shape, payload));
      };
      run().then(
        (reply) => ack({ ok: true, ...reply }),
        (error: unknown) => ack(this.refusal(error)),
      );
    };
    socket.on('session.watch', (payload, ack) =>
      answer(WatchSessionDto, payload, ack, async ({ session_id, after }) => ({
        tasks: await watcher.watchSession(session_id, parseAfter(after)),
        pending_approvals: [],
      })),
    );
    socket.on('task.watch', (payload, ack) =>
      answer(WatchTaskDto, payload, ack, ({ task_id, after_seq }) =>
        watcher.watchTask(task_id, after_seq ?? 0),
      ),
    );
    socket.on('feed.watch', (payload, ack) =>
      answer(EmptyDto, payload, ack, () => {
        watcher.watchFeed((handler) => this.bus.subscribe('task.status', handler));
        return Promise.resolve({});
      }),
    );
    socket.on('unwatch', (payload, ack) =>
      answer(UnwatchDto, payload, ack, (wish) => {
        watcher.unwatch(wish);
        return Promise.resolve({});
      }),
    );
    socket.on('task.input', (payload, ack) =>
      answer(InputDto, payload, ack, ({ task_id, text }) => {
        mustOperate(caller);
        return this.tasks.giveInput(task_id, text, caller);
      }),
    );
    socket.on('task.stop', (payload, ack) =>
      answer(StopDto, payload, ack, async ({ task_id }) => {
        mustOperate(caller);
        return { status: (await this.tasks.requestCancel(task_id)).status };
      }),
    );
  }

  /** A key that was revoked on another machine ends its sockets here too. */
  private async recheck(socket: LiveSocket, caller: Caller): Promise<void> {
    try {
      if (!(await this.authenticator.stillValid(caller))) socket.disconnect(true);
    } catch (error) {
      this.logger.warn({ err: error }, 'a connection could not be checked again');
    }
  }

  private refusal(error: unknown): { ok: false; code: AppError['code']; message: string } {
    if (error instanceof AppError) return { ok: false, code: error.code, message: error.message };
    this.logger.error({ err: error }, 'a request on a socket failed');
    return { ok: false, code: 'INTERNAL_ERROR', message: 'The service made a mistake. Its log says more.' };
  }
}

function mustOperate(caller: Caller): void {
  if (!roleAllows(caller.role, 'operator')) {
    throw new AppError('FORBIDDEN', `Your key has the role ${caller.role}; this needs operator.`);
  }
}

/** Socket.IO shows the message and `data` of a handshake's error to the client. */
function handshakeError(error: unknown): Error {
  const code = error instanceof AppError ? error.code : 'INTERNAL_ERROR';
  const message =
    error instanceof AppError ? error.message : 'The service made a mistake. Its log says more.';
  return Object.assign(new Error(code), { data: { code, message } });
}
