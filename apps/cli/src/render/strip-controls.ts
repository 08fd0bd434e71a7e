/*
 * The characters are made by code, because in a pattern they would be invisible to the reader (and to the linter
 * a mistake). Sources: ECMA-48 for the forms of escape sequences, UAX #9 for the characters of direction.
 */
const char = (code: number): string => String.fromCharCode(code);
const ESC = char(0x1b);
const BEL = char(0x07);

/** Operating system commands (titles, links, clipboard) and other strings, up to their end. */
const STRINGS = new RegExp(
  `(?:${ESC}[\\]PX^_]|[${char(0x90)}${char(0x98)}${char(0x9d)}-${char(0x9f)}])[^${ESC}${BEL}${char(0x9c)}\\n]*(?:${BEL}|${ESC}\\\\|${char(0x9c)})`,
  'g',
);
/** Colours, cursor movement, modes. */
const SEQUENCES = new RegExp(`(?:${ESC}\\[|${char(0x9b)})[0-?]*[ -/]*[@-~]`, 'g');
const SHORT_ESCAPES = new RegExp(`${ESC}[ -/]*[0-~]`, 'g');
const CONTROLS = /\p{Cc}/gu;
/** Characters that turn the direction of text around, so that a command reads as another one. */
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text of a model or a tool as text alone: nothing in it can colour, move, retitle, write to the clipboard or
 * overwrite what was shown before. Newlines and tabs stay; `\r\n` becomes a newline.
 */
export function stripControls(text: string): string {
  return text
    .replace(STRINGS, '')
    .replace(SEQUENCES, '')
    .replace(SHORT_ESCAPES, '')
    .replace(/\r\n/g, '\n')
    .replace(CONTROLS, (control) => (control === '\n' || control === '\t' ? control : ''))
    .replace(DIRECTIONS, '');
}

/** One line of JSON in which control characters are escaped: safe on a terminal, whole for a program. */
export function toJsonLine(value: unknown): string {
  const escape = (control: string): string => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(value).replace(CONTROLS, escape)}\n`;
}
