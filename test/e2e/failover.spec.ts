import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest } from '@jest/globals';
import { say, startOfflineModel, use, type OfflineModel } from '@app/engines';
import { ofType, runProcesses, Service, type SetUp } from '../support/index.js';
import { onBothSetUps } from '../support/on-both-set-ups.js';

jest.setTimeout(90_000);

const FIRST = 'sk-ant-oat01-first-account-CANARY-0001';
const SECOND = 'sk-ant-oat01-second-account-CANARY-0002';
const REFUSED = 'sk-ant-oat01-invalid-account-CANARY-0003';

interface Listed {
  label: string;
  status: string;
  limited_until: string | null;
  invalid_since: string | null;
  last_used_at: string | null;
}

/** The service with a model whose limits belong to an account. */
class Bench {
  private constructor(
    readonly model: OfflineModel,
    readonly service: Service,
  ) {}

  static async open({ environment }: SetUp): Promise<Bench> {
    const model = await startOfflineModel({
      scenarios: {
        handover: ({ prompts, step }) => {
          if (prompts.length > 1) return { blocks: [say(`Going on with: ${prompts[0]}`)] };
          if (step > 0) return { usageLimit: { seconds: 600, forKey: FIRST }, blocks: [say('Not limited.')] };
          return { blocks: [use('Write', { file_path: 'before.txt', content: 'before the limit\n' })] };
        },
        'opus-limit': [
          { blocks: [use('Write', { file_path: 'before.txt', content: 'before\n' })] },
          {
            usageLimit: { seconds: 600, forKey: FIRST, claim: 'seven_day_opus' },
            blocks: [say('The other account answered.')],
          },
        ],
      },
    });
    const service = await Service.start({
      ...(await environment()),
      ANTHROPIC_BASE_URL: model.url,
      LOG_LEVEL: 'info',
    });
    return new Bench(model, service);
  }

  async close(): Promise<void> {
    await this.model.close();
    await this.service.end();
  }

  async removeAll(): Promise<void> {
    for (const { label } of await this.list())
      await this.service.call('DELETE', `/api/credentials/claude/${label}`);
  }

  async store(label: string, oauth_token: string, priority = 0): Promise<void> {
    await this.service.call('POST', '/api/credentials', { provider: 'claude', label, oauth_token, priority });
  }

  async list(): Promise<Listed[]> {
    return ((await this.service.call('GET', '/api/credentials')).body as { items: Listed[] }).items;
  }

  async stateOf(label: string): Promise<Listed | undefined> {
    return (await this.list()).find((one) => one.label === label);
  }

  keysOf(scenario: string): (string | undefined)[] {
    return [...new Set(this.model.requests.filter((one) => one.scenario === scenario).map(({ key }) => key))];
  }
}

onBothSetUps<Bench>('several Claude credentials', {
  open: (setUp) => Bench.open(setUp),
  close: (bench) => bench.close(),
  tidy: (bench) => bench.removeAll(),
  cases: {
    'hand a task over at a usage limit: its conversation goes on at once with the next one': async (
      bench,
    ) => {
      const { service, model } = bench;
      await bench.store('default', FIRST, 1);
      await bench.store('second', SECOND);
      const { task_id, session_id } = await service.submit({ prompt: 'SCENARIO:handover' });
      const task = await service.finished(task_id);
      expect(task).toMatchObject({
        status: 'COMPLETED',
        result: 'Going on with: SCENARIO:handover',
        attempt: 1,
        deferrals: 0,
      });
      const events = await service.events(task_id);
      expect(ofType(events, 'task.queued')).toHaveLength(1);
      expect(ofType(events, 'task.waiting')).toEqual([]);
      const changed = ofType(events, 'task.note').filter(({ data }) => data.kind === 'credential_changed');
      expect(changed).toMatchObject([
        {
          data: {
            text: expect.stringContaining('Goes on with the credential "second" instead of "default"'),
            detail: { from: 'default', to: 'second', reason: 'usage_limit' },
          },
        },
      ]);
      // What was done before is done once: the second account read the conversation of the first.
      expect(ofType(events, 'task.tool_started').map(({ data }) => data.tool)).toEqual(['Write']);
      expect(existsSync(join(service.dataDir, 'workspaces', session_id, 'before.txt'))).toBe(true);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
      expect(bench.keysOf('handover')).toEqual([FIRST, SECOND]);
      expect(await bench.stateOf('default')).toMatchObject({
        status: 'limited',
        limited_until: expect.stringMatching(/\.000Z$/),
      });
      expect(await bench.stateOf('second')).toMatchObject({ status: 'active', limited_until: null });

      const before = model.requests.length;
      const next = await service.submit({ prompt: 'SCENARIO:plain' });
      expect(await service.finished(next.task_id)).toMatchObject({ status: 'COMPLETED' });
      expect(new Set(model.requests.slice(before).map(({ key }) => key))).toEqual(new Set([SECOND]));
      expect(runProcesses(service.dataDir)).toEqual([]);
    },

    'make a task wait only when all are limited, until the first one is usable again': async (bench) => {
      const { service, model } = bench;
      await bench.store('default', `${FIRST}-b`, 1);
      await bench.store('second', `${SECOND}-b`);
      // The second one comes later, so its limit ends later.
      const { task_id } = await service.submit({ prompt: 'SCENARIO:quota[8]' });
      const parked = await service.taskIn(task_id, ['WAITING']);
      const until = (await bench.list()).map(({ limited_until }) => limited_until ?? '').sort();
      expect(until).toHaveLength(2);
      expect(until[0]).not.toBe('');
      expect(parked).toMatchObject({ status_reason: 'waiting_quota', resumes_at: until[0], attempt: 0 });
      // A new task does not begin only to be refused.
      const asked = model.requests.length;
      const other = await service.submit({ prompt: 'SCENARIO:plain' });
      expect(await service.taskIn(other.task_id, ['WAITING'])).toMatchObject({ resumes_at: until[0] });
      expect(model.requests.slice(asked)).toEqual([]);
      expect(await service.finished(task_id)).toMatchObject({
        status: 'COMPLETED',
        result: 'The limit is over.',
        attempt: 1,
      });
      expect(await service.finished(other.task_id)).toMatchObject({ status: 'COMPLETED' });
    },

    'end the waiting of tasks when another one is stored': async (bench) => {
      const { service } = bench;
      await bench.store('default', `${FIRST}-e`);
      const { task_id } = await service.submit({ prompt: `SCENARIO:quota[600@${FIRST}-e]` });
      await service.taskIn(task_id, ['WAITING']);
      await bench.store('second', `${SECOND}-e`);
      expect(await service.finished(task_id)).toMatchObject({
        status: 'COMPLETED',
        result: 'The limit is over.',
        attempt: 1,
      });
    },

    'pass over one that Claude refuses, which is marked until it is checked or replaced': async (bench) => {
      const { service, model } = bench;
      await bench.store('default', REFUSED, 1);
      await bench.store('second', `${SECOND}-c`);
      const { task_id } = await service.submit({ prompt: 'SCENARIO:plain' });
      expect(await service.finished(task_id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
      const [changed] = ofType(await service.events(task_id), 'task.note').filter(
        ({ data }) => data.kind === 'credential_changed',
      );
      expect(changed?.data.detail).toMatchObject({ from: 'default', to: 'second', reason: 'auth_failed' });
      expect(await bench.stateOf('default')).toMatchObject({
        status: 'invalid',
        invalid_since: expect.stringMatching(/Z$/),
      });
      const asked = model.requests.length;
      const next = await service.submit({ prompt: 'SCENARIO:plain' });
      expect(await service.finished(next.task_id)).toMatchObject({ status: 'COMPLETED' });
      expect(model.requests.slice(asked).some(({ key }) => key === REFUSED)).toBe(false);
      await bench.store('default', `${FIRST}-c`, 1);
      expect(await bench.stateOf('default')).toMatchObject({ status: 'active', invalid_since: null });
    },

    'fail a task when Claude refuses them all': async (bench) => {
      const { service } = bench;
      await bench.store('default', REFUSED, 1);
      await bench.store('second', `${REFUSED}-2`);
      const { task_id } = await service.submit({ prompt: 'SCENARIO:plain' });
      expect(await service.finished(task_id)).toMatchObject({
        status: 'FAILED',
        status_reason: 'auth_failed',
      });
      expect((await bench.list()).map(({ status }) => status)).toEqual(['invalid', 'invalid']);
    },

    'are not given up for a limit of one model alone': async (bench) => {
      const { service } = bench;
      await bench.store('default', FIRST, 1);
      await bench.store('second', SECOND);
      const { task_id } = await service.submit({ prompt: 'SCENARIO:opus-limit' });
      expect(await service.finished(task_id)).toMatchObject({
        status: 'COMPLETED',
        result: 'The other account answered.',
      });
      expect(await bench.stateOf('default')).toMatchObject({ status: 'active', limited_until: null });
    },

    'take turns when none comes before the others': async (bench) => {
      const { service, model } = bench;
      await bench.store('default', `${FIRST}-d`);
      await bench.store('second', `${SECOND}-d`);
      const before = model.requests.length;
      for (let round = 0; round < 4; round += 1) {
        const { task_id } = await service.submit({ prompt: `SCENARIO:echo round ${round}` });
        await service.finished(task_id);
      }
      const keys = model.requests
        .slice(before)
        .filter(({ scenario }) => scenario === 'echo')
        .map(({ key }) => key);
      expect(keys).toEqual([`${FIRST}-d`, `${SECOND}-d`, `${FIRST}-d`, `${SECOND}-d`]);
    },

    'are in no event, log, answer or file in the clear': async (bench) => {
      const { service } = bench;
      await bench.store('default', FIRST, 1);
      await bench.store('second', SECOND);
      const { task_id } = await service.submit({ prompt: 'SCENARIO:handover' });
      const task = await service.finished(task_id);
      const texts = [
        service.log,
        JSON.stringify(task),
        JSON.stringify(await service.events(task_id)),
        (await service.call('GET', '/api/credentials')).text,
        (await service.call('GET', '/api/credentials/audit')).text,
        (await service.call('POST', '/api/credentials/claude/second/verify')).text,
      ];
      expect(texts.join()).toContain('credential_changed');
      for (const text of texts) expect(text).not.toContain('CANARY');
    },
  },
});
