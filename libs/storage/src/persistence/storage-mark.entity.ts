import { Entity } from 'typeorm';
import { CountColumn, IdColumn, InstantColumn } from '@app/database';

/** A data folder that this database was used with. Instants are by the clock of the service. */
@Entity('storage_marks')
export class StorageMarkEntity {
  @IdColumn({ primary: true }) volume_id: string;
  @InstantColumn() first_start: string;
  @InstantColumn() last_start: string;
  @CountColumn({ default: 0 }) starts: number;
}
