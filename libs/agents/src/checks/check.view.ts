import { ApiProperty } from '@nestjs/swagger';
import type { CheckShape } from '@app/contracts';
import type { Finding } from '../folders/finding.js';

export const LEVELS = ['error', 'warning'] as const;
export type Level = (typeof LEVELS)[number];

export class FindingView {
  /** An upload with an error is refused; a warning is worth a look. */
  @ApiProperty({ enum: LEVELS })
  level: Level;

  /** Relative to the folder; null when it is about no single file. */
  @ApiProperty({ type: String, nullable: true })
  file: string | null;

  /** 1 is the first; null when it is about no single line. */
  @ApiProperty({ type: Number, nullable: true })
  line: number | null;

  /** What programs may decide by, such as `UNKNOWN_TOOL`. */
  code: string;

  message: string;

  static of(level: Level, { file, line, code, field, message }: Finding): FindingView {
    // The place is told apart already, so the message need not repeat it.
    const subject = field.replace(/^(?:[^:\s]+: )+/, '');
    return {
      level,
      file: file ?? null,
      line: line ?? null,
      code,
      message: subject === file ? message : `${subject} ${message}`,
    };
  }
}

export class CheckView implements CheckShape {
  /** False when an upload would be refused. */
  ok: boolean;

  /** Errors first, then by file and line. */
  findings: FindingView[];

  static of(findings: readonly FindingView[]): CheckView {
    const sorted = [...findings].sort(
      (one, other) =>
        LEVELS.indexOf(one.level) - LEVELS.indexOf(other.level) ||
        (one.file ?? '').localeCompare(other.file ?? '') ||
        (one.line ?? 0) - (other.line ?? 0),
    );
    return { ok: !sorted.some(({ level }) => level === 'error'), findings: sorted };
  }
}
