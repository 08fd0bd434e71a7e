import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { explainReason, type ReasonCode } from '@app/contracts';
import { CredentialPool, type ResolvedCredential, type Taken } from '@app/credentials';
import type { RunSpec } from '@app/engines';
import type { TaskEntity } from '@app/tasks';
import { interruptionOf, promptOf } from './run-again.js';
import type { RunFailure } from './run-failure.js';
import { RunPump, type PumpEnd } from './run-pump.js';
import type { RunningTask } from './running-tasks.js';
import { TaskFailure } from './task-failure.js';

/** The credential that a task works with, and what it has been through since it was claimed. */
export interface RunAccount {
  credential: ResolvedCredential;
  /** None is tried twice in one claim, so that changing over has an end. */
  readonly tried: Set<string>;
  /** When the limits end that were met on the way. */
  readonly resets: string[];
  /** All that the service keeps: what a run says is searched for them. */
  readonly secrets: readonly string[];
}

/** `failure`: with the instant at which going on makes sense. Neither: nothing to do here. */
interface AfterRun {
  spec?: RunSpec;
  failure?: RunFailure;
}

/** What one account cannot do and another can. */
const OF_THE_ACCOUNT: ReadonlySet<ReasonCode> = new Set([
  'usage_limit',
  'rate_limited',
  'auth_failed',
  'billing_error',
]);

/** A task that was parked until a limit ends is not parked again because two clocks differ. */
const CLOCKS_DIFFER_MS = 60_000;
/** How long an account is spared whose rate is limited, unless it says more. */
const RATE_LIMIT_MS = 60_000;

/** Which Claude credential a task works with, and which is next when that one can do no more. */
@Injectable()
export class RunAccounts {
  constructor(
    private readonly pool: CredentialPool,
    private readonly pump: RunPump,
  ) {}

  /**
   * Throws `TaskFailure` when there is none, or when all wait for the end of their usage limits. `lagMs`: how far this
   * clock is behind that of the database, which has said that a parked task may go on.
   */
  async first(releasedFor: ReasonCode | null, lagMs: number): Promise<RunAccount> {
    const slackMs = releasedFor === 'waiting_quota' ? lagMs + CLOCKS_DIFFER_MS : 0;
    const [taken, secrets] = await Promise.all([this.pool.take('claude', { slackMs }), this.pool.secrets()]);
    switch (taken.kind) {
      case 'taken':
        return { credential: taken.credential, tried: new Set(), resets: [], secrets };
      case 'limited':
        throw new TaskFailure('usage_limit', allLimited(taken.until), taken.until);
      case 'none':
        throw new TaskFailure('credentials_missing', 'No Claude credential is stored or set.');
    }
  }

  /** Called after each run of the engine. The conversation goes on with the next credential where there is one. */
  async after(
    { task, running, account }: { task: TaskEntity; running: RunningTask; account: RunAccount },
    spec: RunSpec,
    end: PumpEnd,
  ): Promise<AfterRun> {
    const { failure } = end;
    if (!failure) {
      if (account.credential.wasRefused) await this.pool.accept(account.credential.credentialId);
      return {};
    }
    if (!OF_THE_ACCOUNT.has(failure.reason)) return {};
    const before = account.credential;
    account.tried.add(before.credentialId);
    await this.note(account, failure);
    const taken = await this.pool.take('claude', { tried: account.tried });
    if (taken.kind !== 'taken') return { failure: waiting(account, failure, taken) };
    if (failure.reason === 'rate_limited') {
      const ms = Math.max(failure.retryAfterMs ?? 0, RATE_LIMIT_MS);
      await this.pool.limit(before.credentialId, new Date(Date.now() + ms).toISOString());
    }
    account.credential = taken.credential;
    await this.pump.tell(running, changeOver(before, taken.credential, failure));
    // All that people said is in the log, also what the run before did not take any more.
    const messages = await this.pump.messagesOf(running);
    const happened = interruptionOf(failure.reason);
    return {
      spec: {
        ...spec,
        runId: randomUUID(),
        credential: credentialOf(account),
        prompt: promptOf(task.prompt ?? '', { happened, resumes: end.resumable, messages }),
        conversation: end.resumable
          ? { kind: 'resume', id: end.conversationId }
          : { kind: 'new', id: randomUUID() },
      },
    };
  }

  private async note({ credential, resets }: RunAccount, failure: RunFailure): Promise<void> {
    const { credentialId } = credential;
    if (failure.reason === 'auth_failed' || failure.reason === 'billing_error') {
      await this.pool.refuse(credentialId);
    }
    if (failure.reason !== 'usage_limit' || failure.resetsAt === undefined) return;
    resets.push(failure.resetsAt);
    // The account goes on serving tasks with other models.
    if (!failure.ofModel) await this.pool.limit(credentialId, failure.resetsAt);
  }
}

/** As the engine wants it. */
export function credentialOf({ credential }: RunAccount): RunSpec['credential'] {
  const kind = credential.kind === 'oauth_token' ? 'oauth_token' : 'api_key';
  return { kind, secret: credential.secret };
}

/** With several accounts a task waits for the first one that is usable again. */
function waiting(account: RunAccount, failure: RunFailure, taken: Taken): RunFailure {
  if (failure.reason === 'rate_limited') return failure;
  const ends = [...account.resets, ...(taken.kind === 'limited' ? [taken.until] : [])];
  const [resetsAt] = ends.sort();
  if (resetsAt === undefined) return failure;
  return failure.reason === 'usage_limit'
    ? { ...failure, resetsAt }
    : { reason: 'usage_limit', message: allLimited(resetsAt), resetsAt };
}

function allLimited(until: string): string {
  return `The usage limit of every Claude credential is reached, of the first one until ${until}.`;
}

function changeOver(from: ResolvedCredential, to: ResolvedCredential, { reason, resetsAt }: RunFailure) {
  const why = explainReason(reason)?.title ?? reason;
  const until = resetsAt === undefined ? '' : ` until ${resetsAt}`;
  return {
    type: 'task.note',
    at: new Date().toISOString(),
    data: {
      kind: 'credential_changed',
      text: `Goes on with the credential "${to.label}" instead of "${from.label}": ${why}${until}`,
      detail: { from: from.label, to: to.label, reason, ...(resetsAt ? { until: resetsAt } : {}) },
    },
  } as const;
}
