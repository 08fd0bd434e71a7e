import { Entity } from 'typeorm';
import { CountColumn, IdColumn, InstantColumn, NameColumn, TextColumn } from '@app/database';

/** One event of a task; `data` is JSON text. */
@Entity('task_logs')
export class TaskLogEntity {
  @IdColumn({ primary: true }) task_id: string;
  @CountColumn({ primary: true }) seq: number;
  @InstantColumn() at: string;
  @NameColumn() type: string;
  @TextColumn() data: string;
  @CountColumn() fence: number;
}
