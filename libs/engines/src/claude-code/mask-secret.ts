export const MASK = '[masked]';

export const maskText = (text: string, secret: string): string =>
  secret === '' ? text : text.replaceAll(secret, MASK);

/** Masks every string in a JSON value, keys included. */
export function maskValue(value: unknown, secret: string): unknown {
  if (typeof value === 'string') return maskText(value, secret);
  if (Array.isArray(value)) return value.map((item) => maskValue(item, secret));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [maskText(key, secret), maskValue(item, secret)]),
    );
  }
  return value;
}

export const maskAllIn = (value: unknown, secrets: readonly string[]): unknown =>
  secrets.reduce(maskValue, value);

/** Several secrets in a text that comes in pieces: each masker reads what the one before lets through. */
export class StreamMaskers {
  readonly #maskers: readonly StreamingMasker[];

  constructor(secrets: readonly string[]) {
    this.#maskers = secrets.map((secret) => new StreamingMasker(secret));
  }

  push(piece: string): string {
    return this.#maskers.reduce((text, masker) => masker.push(text), piece);
  }

  flush(): string {
    return this.#maskers.reduce((text, masker) => masker.push(text) + masker.flush(), '');
  }
}

/**
 * Masks a secret in a text that comes in pieces, also when it is split across them: what could be the beginning of
 * the secret is held back until the next piece decides. The pieces put out, joined, equal the masked whole.
 */
export class StreamingMasker {
  readonly #secret: string;
  #held = '';

  constructor(secret: string) {
    this.#secret = secret;
  }

  push(piece: string): string {
    if (this.#secret === '') return piece;
    const text = this.#held + piece;
    const cut = this.#afterLastMatch(text);
    const tail = text.slice(cut);
    const keep = longestSuffixThatStarts(this.#secret, tail);
    this.#held = tail.slice(tail.length - keep);
    return maskText(text.slice(0, text.length - keep), this.#secret);
  }

  /** What was held back: the text is over, so it was not the secret. */
  flush(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }

  #afterLastMatch(text: string): number {
    let end = 0;
    for (let at = text.indexOf(this.#secret); at >= 0; at = text.indexOf(this.#secret, end)) {
      end = at + this.#secret.length;
    }
    return end;
  }
}

function longestSuffixThatStarts(secret: string, text: string): number {
  for (let length = Math.min(secret.length - 1, text.length); length > 0; length--) {
    if (secret.startsWith(text.slice(text.length - length))) return length;
  }
  return 0;
}
