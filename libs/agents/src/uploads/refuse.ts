import { AppError } from '@app/contracts';
import { detailsOf, summarise, type Finding } from '../folders/finding.js';
import { INVALID_OF, WORD_OF, type Kind } from '../folders/kind.js';

/** Throws when there are findings, with all of them: mistakes come at once, not one by one. */
export function refuse(kind: Kind, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  const code = findings.some(({ forbidden }) => forbidden) ? 'FORBIDDEN_AGENT_SETTING' : INVALID_OF[kind];
  throw new AppError(code, `The ${WORD_OF[kind]} was not stored. ${summarise(findings)}`, {
    details: detailsOf(findings),
  });
}

/** Without those that were there before: they can be mended one after the other. */
export function newFindings(findings: readonly Finding[], before: readonly Finding[]): Finding[] {
  const known = new Set(before.map(({ field, message }) => `${field}\0${message}`));
  return findings.filter(({ field, message }) => !known.has(`${field}\0${message}`));
}
