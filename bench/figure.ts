/** One measured number and what it is held against. */
export interface Figure {
  name: string;
  unit: 'ms' | 'MB' | '×' | '/s';
  measured: number;
  /** Null for a number that is only told. */
  target: number | null;
  /** On which side of the target it should be; "at most" when nothing is said. */
  goal?: 'at most' | 'at least';
}

export interface Measurement {
  figures: Figure[];
  /** Every sample, in the order it was taken. */
  raw: Record<string, number[]>;
}

/** The value that a share of the samples does not exceed (nearest rank). */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, unit, measured, target, goal }) => [
    name,
    written(measured, unit),
    target === null ? '–' : `${goal === 'at least' ? '≥' : '≤'} ${written(target, unit)}`,
    target === null ? '–' : (goal === 'at least' ? measured >= target : measured <= target) ? 'yes' : 'NO',
  ]);
  const all = [['figure', 'measured', 'target', 'ok'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const [head = [], ...body] = all;
  return [line(head), rule, ...body.map(line)].join('\n');
}

function written(value: number, unit: Figure['unit']): string {
  return `${value.toFixed(unit === '×' || (unit === 'ms' && value < 10) ? 2 : 0)} ${unit}`;
}
