const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes for people: `1.4 MB`. */
export function showSize(bytes: number): string {
  let value = bytes;
  for (const unit of UNITS) {
    if (value < 1000 || unit === 'TB') return `${unit === 'B' ? value : value.toFixed(1)} ${unit}`;
    value /= 1000;
  }
  return '';
}
