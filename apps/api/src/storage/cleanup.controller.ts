import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireRole } from '@app/auth';
import { AppError } from '@app/contracts';
import { Cleanup } from '@app/storage';
import { CleanupDto } from './cleanup.dto.js';
import { CleanupView } from './cleanup.view.js';

/** Most end sooner than this; the others are asked for. */
const PATIENCE_MS = 5000;

@ApiTags('storage')
@Controller('api/storage/cleanup')
@RequireRole('admin')
export class CleanupController {
  constructor(private readonly cleanup: Cleanup) {}

  /** Removes what was not used for long, or with `dry_run` tells what that would be; GET shows how far it is. */
  @Post()
  @HttpCode(200)
  async start(@Body() wish: CleanupDto): Promise<CleanupView> {
    const { dry_run: dryRun = false, workspace_days, log_days, cache_days } = wish;
    const days = {
      ...(workspace_days === undefined ? {} : { workspaces: workspace_days }),
      ...(log_days === undefined ? {} : { logs: log_days }),
      ...(cache_days === undefined ? {} : { cache: cache_days }),
    };
    this.cleanup.start({ dryRun, trigger: 'manual', days });
    await this.cleanup.idle(PATIENCE_MS);
    return this.get();
  }

  /** Shows the clean-up that is running, or the last. */
  @Get()
  get(): CleanupView {
    const { latest } = this.cleanup;
    if (!latest) throw new AppError('NOT_FOUND', 'There was no clean-up since the start of this server.');
    return latest;
  }
}
