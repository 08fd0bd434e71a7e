import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { WorkerRepository } from './worker.repository.js';
import { WorkerListView } from './worker.view.js';

@ApiTags('workers')
@Controller('api/workers')
export class WorkersController {
  constructor(private readonly workers: WorkerRepository) {}

  /** The processes of the service: those that run, and those of the last day that ended without saying so. */
  @Get()
  async list(): Promise<WorkerListView> {
    return { items: await this.workers.list(), next_cursor: null };
  }
}
