export const FINDING_LEVELS = ['ok', 'warn', 'fail'] as const;
export type FindingLevel = (typeof FINDING_LEVELS)[number];

/** One line about how well data lasts: what was looked at, what was found, and what to do unless it is well. */
export interface PersistenceFinding {
  level: FindingLevel;
  /** What was looked at: `volume`, `fsync`, `database`, … */
  check: string;
  /** `OK`, or what is wrong, for programs: `VOLUME_IN_CONTAINER_LAYER`, … */
  code: string;
  /** What was found, and what it means. */
  message: string;
  remedy: string | null;
}

export interface PersistenceShape {
  /** The worst of the lines. */
  level: FindingLevel;
  checked_at: string;
  items: PersistenceFinding[];
}
