import { expect, jest } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { loadSettings } from '@app/config';
import { newId } from '@app/database';
import type { AgentRun, RunSpec } from '@app/engines';
import { ExecutionModule, RunningTasks } from '@app/execution';
import { EventLog, TaskLifecycle, TaskService, TasksModule, type TaskEntity } from '@app/tasks';
import { SubmitTask } from '../../../libs/tasks/src/submit-task.js';
import { tempDataDir, waitFor, type SetUp } from '../../support/index.js';
import { onBothSetUps } from '../../support/on-both-set-ups.js';
import { ScriptedEngine } from '../../support/scripted-engine/scripted-engine.js';

jest.setTimeout(60_000);

class ListeningEngine extends ScriptedEngine {
  readonly prompts: string[] = [];

  override start(spec: RunSpec): AgentRun {
    this.prompts.push(spec.prompt);
    return super.start(spec);
  }
}

/** A worker with the scripted engine in this process, so that a message can come at an exact moment. */
class Worker {
  private constructor(
    private readonly module: TestingModule,
    private readonly engine: ListeningEngine,
  ) {}

  static async open({ environment }: SetUp): Promise<Worker> {
    const settings = loadSettings({
      ...(await environment()),
      DATA_DIR: await tempDataDir(),
      LOG_LEVEL: 'silent',
      ANTHROPIC_API_KEY: 'sk-ant-api03-scripted',
      LEASE_SECONDS: '4',
      SHUTDOWN_GRACE_SECONDS: '1',
    });
    const engine = new ListeningEngine();
    const module = await Test.createTestingModule({
      imports: [TasksModule.for(settings), ExecutionModule.for(settings, { engine })],
    }).compile();
    module.useLogger(false);
    await module.init();
    return new Worker(module, engine);
  }

  get lifecycle(): TaskLifecycle {
    return this.module.get(TaskLifecycle, { strict: false });
  }

  get log(): EventLog {
    return this.module.get(EventLog, { strict: false });
  }

  get running(): RunningTasks {
    return this.module.get(RunningTasks, { strict: false });
  }

  get lastPrompt(): string | undefined {
    return this.engine.prompts.at(-1);
  }

  async submit(prompt: string): Promise<string> {
    const submitTask = this.module.get(SubmitTask, { strict: false });
    const { task } = await submitTask.submit({ prompt }, { source: 'api', createdBy: null });
    return task.task_id;
  }

  /** Stored like any message, and the hint of it is lost. Null: refused. */
  say(taskId: string, text: string): Promise<unknown> {
    const data = { message_id: newId(), text, by: 'test' };
    return this.log.append(taskId, [{ type: 'task.input', data }], 'anybody while it runs');
  }

  finished(taskId: string): Promise<TaskEntity> {
    const tasks = this.module.get(TaskService, { strict: false });
    return waitFor(
      async () => {
        const task = await tasks.get(taskId);
        return task.completed_at ? task : null;
      },
      { timeoutMs: 20_000, what: 'the end of the task' },
    );
  }

  async outputs(taskId: string): Promise<string[]> {
    const events = await this.log.read(taskId, 0, 1000);
    return events.flatMap((event) => (event.type === 'task.output' ? [event.data.text] : []));
  }

  close(): Promise<void> {
    return this.module.close();
  }
}

onBothSetUps<Worker>('a message whose hint is lost', {
  open: (setUp) => Worker.open(setUp),
  close: (worker) => worker.close(),
  cases: {
    'is read by the first run when it comes right after the claim': async (worker) => {
      const { lifecycle } = worker;
      const claim = lifecycle.claim.bind(lifecycle);
      const spy = jest.spyOn(lifecycle, 'claim').mockImplementation(async (...wish) => {
        const claimed = await claim(...wish);
        if (claimed) await worker.say(claimed.task.task_id, 'ok:7');
        return claimed;
      });
      const taskId = await worker.submit('slow:6@2');
      expect(await worker.finished(taskId)).toMatchObject({ status: 'COMPLETED' });
      spy.mockRestore();
      expect(await worker.outputs(taskId)).toContain('heard: ok:7');
    },

    'keeps a run from ending that has not read it': async (worker) => {
      const { lifecycle } = worker;
      const finish = lifecycle.finish.bind(lifecycle);
      let said = false;
      const spy = jest.spyOn(lifecycle, 'finish').mockImplementation(async (...end) => {
        if (!said) expect(await worker.say(end[0].taskId, 'ok:2')).not.toBeNull();
        said = true;
        return finish(...end);
      });
      const taskId = await worker.submit('ok:1');
      expect(await worker.finished(taskId)).toMatchObject({ status: 'COMPLETED', result: '2 events' });
      spy.mockRestore();
      expect(await worker.outputs(taskId)).toEqual(['event 1', 'event 1', 'event 2']);
    },

    'takes nothing from what the task has come to, also when the run that reads it fails': async (worker) => {
      const { lifecycle } = worker;
      const finish = lifecycle.finish.bind(lifecycle);
      const spy = jest.spyOn(lifecycle, 'finish').mockImplementationOnce(async (...end) => {
        await worker.say(end[0].taskId, 'fail:auth_failed');
        return finish(...end);
      });
      const taskId = await worker.submit('ok:1');
      expect(await worker.finished(taskId)).toMatchObject({
        status: 'FAILED',
        status_reason: 'auth_failed',
        result: '1 events',
      });
      spy.mockRestore();
    },

    'is read by the next run when this one is shut down in that moment': async (worker) => {
      const { lifecycle } = worker;
      const finish = lifecycle.finish.bind(lifecycle);
      const spy = jest.spyOn(lifecycle, 'finish').mockImplementationOnce(async (...end) => {
        await worker.say(end[0].taskId, 'and one more thing');
        worker.running.find(end[0].taskId)?.stop('shutdown');
        return finish(...end);
      });
      const taskId = await worker.submit('ok:1');
      expect(await worker.finished(taskId)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
      spy.mockRestore();
      expect(worker.lastPrompt).toContain('and one more thing');
      const types = (await worker.log.read(taskId, 0, 100)).map(({ type }) => type);
      expect(types.filter((type) => type === 'task.started')).toHaveLength(2);
    },

    'holds up no cancellation': async (worker) => {
      const { lifecycle } = worker;
      const finish = lifecycle.finish.bind(lifecycle);
      const spy = jest.spyOn(lifecycle, 'finish').mockImplementationOnce(async (...end) => {
        await worker.say(end[0].taskId, 'and one more thing');
        await lifecycle.requestCancel(end[0].taskId);
        return finish(...end);
      });
      const taskId = await worker.submit('ok:1');
      expect(await worker.finished(taskId)).toMatchObject({ status: 'CANCELLED', result: '1 events' });
      spy.mockRestore();
    },
  },
});
