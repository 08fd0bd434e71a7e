/** Parsers for the text of environment variables. Each throws an Error that says what is accepted. */

export function wholeNumber(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new Error('must be a whole number');
  return Number(text);
}

export function yesOrNo(text: string): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw new Error('must be true or false');
}

export function commaList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

export function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new Error('must be a URL that starts with http:// or https://');
  }
  return text.replace(/\/+$/, '');
}
