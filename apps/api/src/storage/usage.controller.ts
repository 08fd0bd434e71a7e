import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireRole } from '@app/auth';
import { SessionUsageQueryDto, UsageQueryDto } from './usage.dto.js';
import { UsageReport } from './usage-report.js';
import { SessionUsageListView, StorageUsageView } from './usage.view.js';

@ApiTags('storage')
@Controller('api/storage/usage')
@RequireRole('operator')
export class UsageController {
  constructor(private readonly report: UsageReport) {}

  /** Tells what takes the space, as it was measured last, what is left, and how it grows. */
  @Get()
  total(@Query() { refresh }: UsageQueryDto): Promise<StorageUsageView> {
    return this.report.total(refresh ?? false);
  }

  /** Lists the sessions with the most data, largest first; the first ten thousand of them. */
  @Get('sessions')
  sessions(@Query() { limit, cursor }: SessionUsageQueryDto): Promise<SessionUsageListView> {
    return this.report.ofSessions(limit, cursor);
  }
}
