import { AppError } from '@app/contracts';

/** Names that users choose become folder names, parts of URLs and words on a model's tool list. */
export const SAFE_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Windows opens devices under these names, also below a folder: an exported agent must be usable there. */
const DEVICES = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/;

export function isSafeName(name: string): boolean {
  return SAFE_NAME.test(name) && !DEVICES.test(name);
}

/** Throws `INVALID_NAME`; `what` says whose name it is, for instance "agent". The name itself is not repeated. */
export function assertSafeName(name: string, what: string): void {
  if (isSafeName(name)) return;
  throw new AppError(
    'INVALID_NAME',
    `The name of the ${what} is not usable: 1 to 63 lower-case letters, digits and dashes, beginning with a letter or digit.`,
  );
}
