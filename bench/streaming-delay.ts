import { waitFor } from '../test/support/wait-for.js';
import { type Measurement, percentile } from './figure.js';
import { type ModelAddress, watchedSession, withService } from './surroundings.js';

const PROMPT = 'SCENARIO:deltas[1000@100]';
const LIMIT_MS = 60_000;

/** What the service adds between an event of the engine, whose time is in `at`, and the client at the socket. */
export function streamingDelay(model: ModelAddress): Promise<Measurement> {
  return withService(model, async (service, socket) => {
    const delays: number[] = [];
    let end: string | undefined;
    socket.on('task.event', (event) => {
      if (event.type === 'task.output') delays.push(Date.now() - Date.parse(event.at));
      if (event.type === 'task.completed' || event.type === 'task.failed') end = event.type;
    });
    const sessionId = await watchedSession(service, socket);
    await service.submit({ prompt: PROMPT, session_id: sessionId });
    await waitFor(() => end, { timeoutMs: LIMIT_MS, what: 'the task to end' });
    if (end !== 'task.completed') throw new Error('the task failed');
    return {
      figures: [
        { name: 'added delay of streaming, p50', unit: 'ms', measured: percentile(delays, 0.5), target: 60 },
        {
          name: 'added delay of streaming, p99',
          unit: 'ms',
          measured: percentile(delays, 0.99),
          target: 150,
        },
      ],
      raw: { 'added delay of streaming': delays },
    };
  });
}
