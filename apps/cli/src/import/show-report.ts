import type { ImportReport } from '@app/imports';
import { stripControls } from '../render/strip-controls.js';
import { table } from '../render/table.js';

const KINDS = ['sessions', 'tasks', 'agents', 'skills', 'webhooks'] as const;

/** For a person: counts, then what was left out and why, then what to know. */
export function showReport(report: ImportReport): string {
  const counts = KINDS.map((kind) => {
    const { imported, present, skipped } = report[kind];
    return [kind, imported, present, skipped.length];
  });
  const skipped = KINDS.flatMap((kind) =>
    report[kind].skipped.map(({ name, why }) => `Left out of ${kind}: ${name}: ${why}`),
  );
  const cost = `The imported tasks cost $${report.cost_usd.toFixed(4)}.`;
  const lines = [...skipped, cost, ...report.notes].map((line) => `${stripControls(line)}\n`);
  return `${table(['', 'imported', 'there before', 'left out'], counts)}\n${lines.join('')}`;
}
