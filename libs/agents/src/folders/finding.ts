import type { ErrorDetail } from '@app/contracts';

/** Something wrong with an agent or a skill, in words for the person who wrote it. */
export interface Finding extends ErrorDetail {
  /** It is understood and not allowed: settings that would run commands or reach other servers. */
  forbidden?: boolean;
}

/** One line for lists and logs; null when there is nothing wrong. */
export function summarise(findings: readonly Finding[]): string | null {
  if (findings.length === 0) return null;
  return findings.map(({ field, message }) => `${field}: ${message}`).join('; ');
}

/** Puts the place in front of the findings of a part. */
export function at(place: string, findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => ({ ...finding, field: `${place}: ${finding.field}` }));
}
