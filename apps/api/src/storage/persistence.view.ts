import { ApiProperty } from '@nestjs/swagger';
import {
  FINDING_LEVELS,
  type FindingLevel,
  type PersistenceFinding,
  type PersistenceShape,
} from '@app/contracts';

export class PersistenceFindingView implements PersistenceFinding {
  @ApiProperty({ enum: FINDING_LEVELS })
  level: FindingLevel;

  /** What was looked at: `volume`, `fsync`, `database`, … */
  check: string;
  /** `OK`, or what is wrong, for programs; docs/storage.md lists them. */
  code: string;
  /** What was found, and what it means. */
  message: string;
  /** What to do; null when all is well. */
  remedy: string | null;
}

export class PersistenceView implements PersistenceShape {
  /** The worst of the lines. */
  @ApiProperty({ enum: FINDING_LEVELS })
  level: FindingLevel;

  checked_at: string;
  items: PersistenceFindingView[];
}
