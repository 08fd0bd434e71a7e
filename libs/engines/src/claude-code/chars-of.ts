/** About how many characters a value holds: enough to bound memory by, and cheaper than writing it as JSON. */
export function charsOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let chars = 0;
  for (const [name, part] of Object.entries(value)) chars += name.length + charsOf(part);
  return chars;
}
