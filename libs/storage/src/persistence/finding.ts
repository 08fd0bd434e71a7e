import type { FindingLevel, PersistenceFinding } from '@app/contracts';

export function ok(check: string, message: string): PersistenceFinding {
  return { level: 'ok', check, code: 'OK', message, remedy: null };
}

const unwell =
  (level: FindingLevel) =>
  (check: string, code: string, message: string, remedy: string): PersistenceFinding => ({
    level,
    check,
    code,
    message,
    remedy,
  });

/** Works, and may not last. */
export const warn = unwell('warn');
/** Data is lost already, or will be. */
export const fail = unwell('fail');

export function worstOf(findings: readonly PersistenceFinding[]): FindingLevel {
  if (findings.some(({ level }) => level === 'fail')) return 'fail';
  return findings.some(({ level }) => level === 'warn') ? 'warn' : 'ok';
}
