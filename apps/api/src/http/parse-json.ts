import { AppError } from '@app/contracts';

const DEEPEST = 100;

/** The JSON object in a request. Refuses what would make trouble further in: depth, and names that are not data. */
export function parseJsonObject(text: string): object {
  if (isTooDeep(text)) throw invalid(`it is nested more than ${DEEPEST} levels deep`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('it cannot be parsed');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('it must be an object');
  if (text.includes('proto') || text.includes('\\u')) refusePrototypes(value);
  return value;
}

/** Before parsing, so that nothing recursive (ours or a library's) ever sees a tower of brackets. */
function isTooDeep(text: string): boolean {
  // Most texts have too few brackets, and looking for those is ten times as fast as reading each character.
  return count('{', text) + count('[', text) > DEEPEST && isNestedTooDeep(text);
}

/** How often the sign occurs; counting ends beyond the limit. */
function count(sign: string, text: string): number {
  let found = 0;
  for (let at = text.indexOf(sign); at >= 0 && found <= DEEPEST; at = text.indexOf(sign, at + 1)) found += 1;
  return found;
}

function isNestedTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === 0x5c) at += 1;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x7b || char === 0x5b) {
      depth += 1;
      if (depth > DEEPEST) return true;
    } else if (char === 0x7d || char === 0x5d) depth -= 1;
  }
  return false;
}

/** JSON.parse makes `__proto__` a plain field; whatever copies it afterwards would set a prototype. */
function refusePrototypes(value: object): void {
  if (Object.hasOwn(value, '__proto__')) throw invalid('"__proto__" is not accepted as a name');
  const parts: unknown[] = Object.values(value);
  for (const part of parts) {
    if (typeof part === 'object' && part !== null) refusePrototypes(part);
  }
}

function invalid(reason: string): AppError {
  return new AppError('INVALID_JSON', `The body is not usable JSON: ${reason}.`);
}
