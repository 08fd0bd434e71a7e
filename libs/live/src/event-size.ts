/** About how many characters a value has as JSON. Cheaper than writing it, and close enough to bound memory by. */
export function roughSize(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 6;
  let size = 2;
  for (const [name, part] of Object.entries(value)) size += name.length + 4 + roughSize(part);
  return size;
}
