import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';

/**
 * Parses JSON that a program (or a person with an editor) left on the volume. Returns null when it is not JSON or
 * not of the shape that the class describes; fields the class does not know are dropped.
 */
export function parseStored<T extends object>(shape: new () => T, text: string): T | null {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) return null;
  const value = plainToInstance(shape, plain);
  return validateSync(value, { whitelist: true }).length === 0 ? value : null;
}
