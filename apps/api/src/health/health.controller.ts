import { Controller, Get, Optional, Req } from '@nestjs/common';
import { AppError } from '@app/contracts';
import { Authenticator, Public } from '@app/auth';
import { ClaimWatch } from '@app/execution';
import { HealthChecks, type HealthCheck } from '@app/observability';
import type { Request } from 'express';
import { LivenessView, ReadinessView } from './health.view.js';

@Controller('api/health')
@Public()
export class HealthController {
  constructor(
    private readonly checks: HealthChecks,
    private readonly authenticator: Authenticator,
    // Absent with ROLE=api.
    @Optional() private readonly claims: ClaimWatch | null,
  ) {}

  /** The process is up and, where it runs tasks, takes them when there are some. 503: restart it. */
  @Get('live')
  live(): LivenessView {
    this.claims?.assertClaiming();
    return { status: 'live' };
  }

  /** Whether the service can do its work; 503 names the checks that fail. Details are for those with a key. */
  @Get('ready')
  async ready(@Req() request: Request): Promise<ReadinessView> {
    const checks = await this.checks.run();
    const failing = checks.filter(({ ok }) => !ok);
    const known = await this.isKnown(request);
    if (failing.length === 0) return known ? { status: 'ready', checks } : { status: 'ready' };
    const names = failing.map(({ name }) => name).join(', ');
    throw new AppError('NOT_READY', `Not ready: ${names}.`, {
      retryAfterSeconds: 5,
      ...(known ? { details: failing.map(toDetail) } : {}),
    });
  }

  /** Nobody can be known while the database is away; that must not hide the answer. */
  private async isKnown(request: Request): Promise<boolean> {
    try {
      return (await this.authenticator.authenticate(request.headers)) !== null;
    } catch {
      return false;
    }
  }
}

function toDetail({ name, problem }: HealthCheck): { field: string; message: string } {
  return { field: name, message: problem ?? 'It failed.' };
}
