import { WebSocketGateway, type OnGatewayInit } from '@nestjs/websockets';
import { Authenticator, type Caller } from '@app/auth';
import { AppError, LIVE_NAMESPACE, roleAllows } from '@app/contracts';
import { TaskService } from '@app/tasks';
import { answerRequests, refusalOf, type AnswerRequest } from './answer-requests.js';
import { CallerWatch } from './caller-watch.js';
import { Gate } from './gate.js';
import {
  EmptyDto,
  InputDto,
  parseAfter,
  StopDto,
  UnwatchDto,
  WatchSessionDto,
  WatchTaskDto,
} from './live-request.dto.js';
import type { LiveNamespace, LiveSocket } from './live-socket.js';
import type { SocketWatcher } from './socket-watcher.js';
import { SocketWatchers } from './socket-watchers.js';

/**
 * The live contract over Socket.IO: who may come in, what they may ask, and what they are answered. Handlers are
 * bound here and not by Nest's decorators, because each request needs its socket's state and a typed acknowledgement.
 */
@WebSocketGateway({ namespace: LIVE_NAMESPACE })
export class SessionGateway implements OnGatewayInit<LiveNamespace> {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly callers: CallerWatch,
    private readonly watchers: SocketWatchers,
    private readonly tasks: TaskService,
  ) {}

  afterInit(namespace: LiveNamespace): void {
    namespace.use((socket, next) => {
      this.admit(socket).then(
        () => next(),
        (error: unknown) => next(connectError(error)),
      );
    });
    namespace.on('connection', (socket) => this.serve(socket));
    // Socket.IO always has this namespace too, and would let anybody stay in it.
    namespace.server
      .of('/')
      .use((_socket, next) =>
        next(connectError(new AppError('UNAUTHENTICATED', `Connect to ${LIVE_NAMESPACE}.`))),
      );
  }

  private async admit(socket: LiveSocket): Promise<void> {
    const { auth, headers } = socket.handshake;
    const key: unknown = auth.key;
    const caller = await this.authenticator.authenticate({
      authorization: headers.authorization,
      cookie: headers.cookie,
      key: typeof key === 'string' ? key : undefined,
    });
    if (!caller) throw new AppError('UNAUTHENTICATED', 'Connect with auth: {key}, or after a login.');
    socket.data.caller = caller;
  }

  private serve(socket: LiveSocket): void {
    const { caller } = socket.data;
    const watcher = this.watchers.watcherOf(socket);
    const release = this.callers.hold(caller, () => socket.disconnect(true));
    socket.on('disconnect', () => {
      release();
      watcher.close();
    });
    const answer = answerRequests();
    this.serveWatching(socket, answer, watcher);
    this.serveActing(socket, answer, caller);
  }

  private serveWatching(socket: LiveSocket, answer: AnswerRequest, watcher: SocketWatcher): void {
    // One after the other, so that of two wishes about the same thing the later one holds.
    const inTurn = new Gate(1);
    socket.on('session.watch', (payload, ack) =>
      answer(WatchSessionDto, payload, ack, async ({ session_id, after }) => {
        const places = parseAfter(after);
        return {
          tasks: await inTurn.run(() => watcher.watchSession(session_id, places)),
          pending_approvals: [],
        };
      }),
    );
    socket.on('task.watch', (payload, ack) =>
      answer(WatchTaskDto, payload, ack, ({ task_id, after_seq }) =>
        inTurn.run(() => watcher.watchTask(task_id, after_seq ?? 0)),
      ),
    );
    socket.on('feed.watch', (payload, ack) =>
      answer(EmptyDto, payload, ack, () =>
        inTurn.run(async () => {
          watcher.watchFeed();
          return {};
        }),
      ),
    );
    socket.on('unwatch', (payload, ack) =>
      answer(UnwatchDto, payload, ack, (wish) =>
        inTurn.run(async () => {
          watcher.unwatch(wish);
          return {};
        }),
      ),
    );
  }

  private serveActing(socket: LiveSocket, answer: AnswerRequest, caller: Caller): void {
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
}

function mustOperate(caller: Caller): void {
  if (!roleAllows(caller.role, 'operator')) {
    throw new AppError(
      'FORBIDDEN',
      `This needs the role operator; the key "${caller.name}" has ${caller.role}.`,
    );
  }
}

/** The client gets the message, and `data` beside it. */
function connectError(error: unknown): Error {
  const refusal = refusalOf(error);
  return Object.assign(new Error(refusal.code), { data: refusal });
}
