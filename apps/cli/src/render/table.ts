import { stripControls } from './strip-controls.js';
import { shorten } from './tool-text.js';

const CELL_CHARS = 60;

/** Columns as wide as their widest cell; each cell on one line. */
export function table(head: string[], rows: (string | number | null)[][]): string {
  const cells = rows.map((row) =>
    row.map((cell) => shorten(stripControls(String(cell ?? '-')).replace(/\s+/g, ' '), CELL_CHARS)),
  );
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...cells]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
