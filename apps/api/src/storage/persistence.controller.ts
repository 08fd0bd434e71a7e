import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireRole } from '@app/auth';
import { PersistenceDoctor } from './persistence-doctor.js';
import { PersistenceView } from './persistence.view.js';

@ApiTags('storage')
@Controller('api/storage/persistence')
export class PersistenceController {
  constructor(private readonly doctor: PersistenceDoctor) {}

  /** Looks whether what users make lasts here; each line says what to do. */
  @Get()
  @RequireRole('operator')
  check(): Promise<PersistenceView> {
    return this.doctor.look();
  }
}
