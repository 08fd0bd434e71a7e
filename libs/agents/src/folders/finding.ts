import type { ErrorDetail } from '@app/contracts';

/** What a program may tell findings apart by. */
export const FINDING_CODES = [
  'FILE_MISSING',
  'NOT_TEXT',
  'NOT_A_FILE',
  'TOO_LARGE',
  'EMPTY',
  'BAD_NAME',
  'BAD_FRONT_MATTER',
  'UNKNOWN_KEY',
  'BAD_VALUE',
  'FORBIDDEN_SETTING',
  'DESCRIPTION_MISSING',
  'IMPORT_NOT_FOUND',
  'IMPORT_LEAVES_FOLDER',
  'IMPORT_TOO_DEEP',
  'SKILL_NOT_FOUND',
  'UNKNOWN_TOOL',
  'WITHHELD_TOOL',
  'LONG_TEXT',
  'HIDES_ANOTHER',
  'REFUSED',
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

/** Something wrong with an agent or a skill, in words for the person who wrote it. */
export interface Finding extends ErrorDetail {
  code: FindingCode;
  /** Relative to the folder; absent when it is about no single file. */
  file?: string;
  /** 1 is the first. */
  line?: number;
  /** It is understood and not allowed: settings that would run commands or reach other servers. */
  forbidden?: boolean;
}

/** One line for lists and logs; null when there is nothing wrong. */
export function summarise(findings: readonly Finding[]): string | null {
  if (findings.length === 0) return null;
  return findings.map(({ field, message }) => `${field}: ${message}`).join('; ');
}

/** Puts the file in front of what was found in it. */
export function inFile(file: string, findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => ({
    ...finding,
    field: `${file}: ${finding.field}`,
    file: finding.file ?? file,
  }));
}

/** Puts the folder in front of what was found below it. */
export function below(folder: string, findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => ({
    ...finding,
    field: `${folder}: ${finding.field}`,
    file: finding.file === undefined ? folder : `${folder}/${finding.file}`,
  }));
}

/** As the details of a refusal. */
export function detailsOf(findings: readonly Finding[]): ErrorDetail[] {
  return findings.map(({ field, message }) => ({ field, message }));
}
