import { stripControls } from './strip-controls.js';

/** Which argument says most about a call; others follow by the first text there is. */
const MAIN_ARGUMENTS = [
  'command',
  'file_path',
  'notebook_path',
  'pattern',
  'url',
  'query',
  'skill',
  'description',
  'path',
];
const ARGUMENT_CHARS = 100;
const FIRST_LINES = 6;
const LAST_LINES = 4;
const LINE_CHARS = 200;

/** `Bash node --test`: the name and the main argument, on one line. */
export function describeCall(tool: string, input: unknown): string {
  const argument = mainArgument(input);
  const line = stripControls(argument === null ? tool : `${tool} ${argument}`)
    .replace(/\s+/g, ' ')
    .trim();
  return shorten(line, ARGUMENT_CHARS);
}

/** The first and the last lines of what a tool said. Empty for nothing. */
export function boundOutput(output: string): string[] {
  const lines = stripControls(output)
    .trim()
    .split('\n')
    .map((line) => shorten(line.trimEnd(), LINE_CHARS));
  if (lines.length === 1 && lines[0] === '') return [];
  if (lines.length <= FIRST_LINES + LAST_LINES + 1) return lines;
  const left = lines.length - FIRST_LINES - LAST_LINES;
  return [...lines.slice(0, FIRST_LINES), `… ${left} more lines …`, ...lines.slice(-LAST_LINES)];
}

export function shorten(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars - 1)}…`;
}

function mainArgument(input: unknown): string | null {
  if (typeof input !== 'object' || input === null) return null;
  const entries = new Map<string, unknown>(Object.entries(input));
  const candidates = [...MAIN_ARGUMENTS.map((name) => entries.get(name)), ...entries.values()];
  const found = candidates.find((value) => typeof value === 'string' && value !== '');
  return typeof found === 'string' ? found : null;
}
