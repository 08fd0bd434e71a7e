/** `DRAINING`: it is shutting down, takes nothing new and ends what it runs. */
export const WORKER_STATUSES = ['ACTIVE', 'DRAINING'] as const;
export type WorkerStatus = (typeof WORKER_STATUSES)[number];

/** A process of the service, as it last told of itself. All instants are by the database's clock. */
export interface WorkerShape {
  worker_id: string;
  machine_id: string;
  version: string;
  role: 'all' | 'api' | 'worker';
  status: WorkerStatus;
  /** Whether it was seen within the last 15 s. */
  alive: boolean;
  /** How many tasks it runs at a time; 0 for one that only serves the API. */
  slots: number;
  running: number;
  started_at: string;
  last_seen_at: string;
  last_claim_at: string | null;
}
