export const MAX_TEXT_CHARS = 256 * 1024;
const MAX_DEPTH = 32;

/** Cuts in the middle, because the end of an output often says more than its middle. */
export function boundText(text: string, maxChars = MAX_TEXT_CHARS): string {
  if (text.length <= maxChars) return text;
  const half = Math.floor(maxChars / 2);
  return `${text.slice(0, half)}\n… [${text.length - 2 * half} characters left out] …\n${text.slice(-half)}`;
}

/** Bounds all strings of a JSON value together; once the allowance is used up, the rest is left out. */
export function boundValue(value: unknown, maxChars = MAX_TEXT_CHARS): unknown {
  const allowance = { chars: maxChars };
  return boundWithin(value, allowance, 0);
}

function boundWithin(value: unknown, allowance: { chars: number }, depth: number): unknown {
  if (typeof value === 'string') {
    const bounded = boundText(value, Math.max(allowance.chars, 0));
    allowance.chars -= value.length;
    return bounded;
  }
  if (typeof value !== 'object' || value === null) {
    allowance.chars -= 8;
    return value;
  }
  if (depth >= MAX_DEPTH) return '… [too deep]';
  if (Array.isArray(value)) {
    const kept: unknown[] = [];
    for (const item of value) {
      if (allowance.chars <= 0) return [...kept, `… [${value.length - kept.length} items left out]`];
      kept.push(boundWithin(item, allowance, depth + 1));
    }
    return kept;
  }
  const kept: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (allowance.chars <= 0) break;
    allowance.chars -= key.length;
    kept.push([key, boundWithin(item, allowance, depth + 1)]);
  }
  return Object.fromEntries(kept);
}
