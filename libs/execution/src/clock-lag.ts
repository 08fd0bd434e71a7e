import type { TaskEntity } from '@app/tasks';

/**
 * How far the clock of this machine is behind that of the database, which has just given the lease; 0 when it is not.
 * `nowMs` is the time since 1970.
 */
export function clockLagMs(
  { lease_until }: Pick<TaskEntity, 'lease_until'>,
  leaseSeconds: number,
  nowMs: number,
): number {
  if (lease_until === null) return 0;
  return Math.max(Date.parse(lease_until) - leaseSeconds * 1000 - nowMs, 0);
}
