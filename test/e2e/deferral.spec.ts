import { expect, jest } from '@jest/globals';
import { say, startOfflineModel, use, type OfflineModel, type Scenario } from '@app/engines';
import { ofType, runProcesses, Service, waitFor, type SetUp } from '../support/index.js';
import { onBothSetUps } from '../support/on-both-set-ups.js';

jest.setTimeout(90_000);

/** A run asks once and tries four times more. */
const REQUESTS_PER_RUN = 5;

/** Writes a file, is then refused as often as one run of Claude Code asks, and answers the next run. */
function refusedOnce(status: number, type: string): Scenario {
  let refusals = 0;
  return ({ step }) => {
    if (step === 0) return { blocks: [use('Write', { file_path: 'first.txt', content: 'one\n' })] };
    refusals += 1;
    if (refusals <= REQUESTS_PER_RUN) return { error: { status, type, message: 'Not now' } };
    return { blocks: [say('It worked at last.')] };
  };
}

const PASSING = { overloaded: 'overloaded', limited: 'rate_limited', unreachable: 'provider_error' };

/** A service with a model that refuses, and the tasks that take longest: Claude Code waits longer from try to try. */
class Bench {
  /** The tasks that are refused for a while, by the reason, and the one that is refused for ever. */
  readonly passing: { task_id: string; reason: string }[] = [];
  lasting = '';
  private accounts = 0;

  private constructor(
    private readonly model: OfflineModel,
    readonly service: Service,
  ) {}

  static async open({ environment }: SetUp): Promise<Bench> {
    const model = await startOfflineModel({
      scenarios: {
        overloaded: refusedOnce(529, 'overloaded_error'),
        limited: refusedOnce(429, 'rate_limit_error'),
        unreachable: refusedOnce(500, 'api_error'),
      },
    });
    const service = await Service.start({
      ...(await environment()),
      ANTHROPIC_BASE_URL: model.url,
      DEFERRAL_SECONDS: '1',
      MAX_CONCURRENT_TASKS: '4',
    });
    const bench = new Bench(model, service);
    await bench.freshAccount();
    // Long before they are looked at.
    for (const [name, reason] of Object.entries(PASSING)) {
      const { task_id } = await service.submit({ prompt: `SCENARIO:${name}` });
      bench.passing.push({ task_id, reason });
    }
    const limits = { max_deferrals: 1 };
    bench.lasting = (await service.submit({ prompt: 'SCENARIO:e529 always', limits })).task_id;
    return bench;
  }

  /** Claude Code heeds usage limits with a subscription alone; what is known of a limit ends with the credential. */
  async freshAccount(): Promise<void> {
    this.accounts += 1;
    const oauth_token = `sk-ant-oat01-offline-model-token-${this.accounts}`;
    await this.service.call('POST', '/api/credentials', { provider: 'claude', oauth_token });
  }

  async close(): Promise<void> {
    await this.model.close();
    await this.service.end();
  }
}

onBothSetUps<Bench>('a task that Claude cannot serve', {
  open: (setUp) => Bench.open(setUp),
  close: (bench) => bench.close(),
  cases: {
    'goes back into the queue when that passes by itself, and goes on with its conversation': async (
      bench,
    ) => {
      const { service } = bench;
      expect(bench.passing).toHaveLength(3);
      for (const { task_id, reason } of bench.passing) {
        const task = await service.finished(task_id, 60_000);
        expect(task).toMatchObject({
          status: 'COMPLETED',
          result: 'It worked at last.',
          attempt: 1,
          deferrals: 1,
          not_before: null,
        });
        const events = await service.events(task_id);
        expect(ofType(events, 'task.queued')[1]?.data).toMatchObject({
          reason,
          not_before: expect.stringMatching(/Z$/),
        });
        expect(ofType(events, 'task.started')[1]?.data).toMatchObject({
          attempt: 1,
          resumed: true,
          resume_reason: reason,
          title: expect.stringContaining('Goes on with its conversation'),
        });
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
      }
    },

    'fails with that reason when its deferrals are used up': async (bench) => {
      const { service } = bench;
      const task = await service.finished(bench.lasting, 60_000);
      expect(task).toMatchObject({ status: 'FAILED', status_reason: 'overloaded', deferrals: 1 });
      const starts = ofType(await service.events(bench.lasting), 'task.started');
      expect(starts[1]?.data).toMatchObject({
        resumed: false,
        title: expect.stringContaining('Starts anew, because Claude was overloaded'),
      });
    },

    'waits at a usage limit without a worker, and goes on by itself when that is reset': async (bench) => {
      const { service } = bench;
      const { task_id } = await service.submit({ prompt: 'SCENARIO:quota[6]' });
      const parked = await service.taskIn(task_id, ['WAITING']);
      expect(parked).toMatchObject({
        status_reason: 'waiting_quota',
        resumes_at: expect.stringMatching(/\.000Z$/),
        machine_id: null,
        attempt: 0,
      });
      expect(runProcesses(service.dataDir)).toEqual([]);
      const refused = await service.call('POST', `/api/tasks/${task_id}/input`, { text: 'Hurry.' });
      expect(refused).toMatchObject({ status: 409, body: { code: 'NOT_RUNNING' } });
      expect(await service.finished(task_id)).toMatchObject({
        status: 'COMPLETED',
        result: 'The limit is over.',
        attempt: 1,
        resumes_at: null,
      });
      const events = await service.events(task_id);
      const [waiting] = ofType(events, 'task.waiting');
      const [, again] = ofType(events, 'task.started');
      expect(waiting?.data).toMatchObject({ reason: 'waiting_quota', resumes_at: parked.resumes_at });
      expect(again?.data).toMatchObject({ resumed: true, resume_reason: 'waiting_quota' });
      const lateMs = Date.parse(again?.at ?? '') - Date.parse(parked.resumes_at ?? '');
      expect(lateMs).toBeLessThan(6000);
    },

    'keeps the later tasks of its session waiting, and is cancelled at once while it waits': async (
      bench,
    ) => {
      const { service } = bench;
      const first = await service.submit({ prompt: 'SCENARIO:quota[600]' });
      const second = await service.submit({ prompt: 'SCENARIO:plain', session_id: first.session_id });
      await service.taskIn(first.task_id, ['WAITING']);
      expect(await service.task(second.task_id)).toMatchObject({ status: 'QUEUED' });
      await bench.freshAccount();
      const { body } = await service.call('POST', `/api/tasks/${first.task_id}/cancel`);
      expect(body).toMatchObject({ status: 'CANCELLED' });
      expect(await service.finished(second.task_id)).toMatchObject({ status: 'COMPLETED' });
    },

    'outlives a restart while it waits': async (bench) => {
      const { service } = bench;
      const { task_id } = await service.submit({ prompt: 'SCENARIO:quota[7]' });
      await service.taskIn(task_id, ['WAITING']);
      await service.end('SIGKILL');
      await service.launch();
      expect(await service.finished(task_id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
      await waitFor(() => runProcesses(service.dataDir).length === 0);
    },
  },
});
