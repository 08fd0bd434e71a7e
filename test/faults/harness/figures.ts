import { appendFileSync } from 'node:fs';

/** What a scenario measured goes to the file that FAULT_FIGURES names, for docs/guarantees.md; else to nobody. */
export function noteFigure(fault: string, what: string, value: number, unit: string): void {
  const { FAULT_FIGURES: file } = process.env;
  if (file) appendFileSync(file, `${JSON.stringify({ fault, what, value: Math.round(value), unit })}\n`);
}
