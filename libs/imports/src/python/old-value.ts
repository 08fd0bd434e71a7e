/** What SQLite hands over of a table without types: read carefully, as nobody ever checked it. */

export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return null;
}

/** Not negative and finite, or null. */
export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null;
}

export function countOf(value: unknown): number {
  return Math.round(numberOf(value) ?? 0);
}

/**
 * An instant as Python's `datetime` was stored: `2026-01-22 10:11:12.345678`, also with `T` and with an offset; without
 * one it was UTC. Null when it is none.
 */
export function instantOf(value: unknown): string | null {
  const parts = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/.exec(
    textOf(value)?.trim() ?? '',
  );
  if (!parts) return null;
  const [, day, time, fraction = '', zone = 'Z'] = parts;
  const millis = fraction.padEnd(3, '0').slice(0, 3);
  const instant = new Date(`${day}T${time}${time?.length === 5 ? ':00' : ''}.${millis}${zone}`);
  return Number.isNaN(instant.getTime()) ? null : instant.toISOString();
}

export function recordOf(value: unknown): Record<string, unknown> {
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : null;
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : {};
  } catch {
    return {};
  }
}

export function isTrue(value: unknown): boolean {
  return value === 1 || value === true || value === '1' || value === 'true';
}

/** Those that have a value. */
export function filled(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  );
}
