import { Entity } from 'typeorm';
import { IdColumn, InstantColumn, NameColumn, TextColumn } from '@app/database';

/** Somebody who watches a session, or did. */
@Entity('session_connections')
export class SessionConnectionEntity {
  @IdColumn({ primary: true }) connection_id: string;
  @IdColumn() session_id: string;
  @InstantColumn() connected_at: string;
  @InstantColumn({ nullable: true }) disconnected_at: string | null;
  @NameColumn() transport: string;
  @NameColumn({ nullable: true }) remote_address: string | null;
  @TextColumn({ nullable: true }) user_agent: string | null;
  @IdColumn({ nullable: true }) key_id: string | null;
  /** The process of the service that holds the connection. */
  @IdColumn({ nullable: true }) worker_id: string | null;
}
