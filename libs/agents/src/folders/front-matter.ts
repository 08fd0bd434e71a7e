import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { Finding } from './finding.js';
import { MAX_FRONT_MATTER_BYTES } from './limits.js';

export interface FrontMatter {
  /** The keys and values; empty when there is none or when it cannot be read. */
  values: Record<string, unknown>;
  /** The line of each key in the file. */
  lines: ReadonlyMap<string, number>;
  /** The text below it. */
  body: string;
  /** The line of the file at which the body begins. */
  bodyLine: number;
  findings: Finding[];
}

/** The line of `---` comes before the first line of YAML. */
const FIRST_YAML_LINE = 2;

/** Splits a Markdown file into YAML front matter and body. Never throws. */
export function readFrontMatter(text: string): FrontMatter {
  const normal = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const none = { values: {}, lines: new Map<string, number>(), bodyLine: 1 };
  if (!/^---[ \t]*\n/.test(normal)) return { ...none, body: normal, findings: [] };
  const match = /^---[ \t]*\n((?:[^\n]*\n)*?)---[ \t]*(?:\n|$)([\s\S]*)$/.exec(normal);
  if (!match) {
    const endless = broken('begins with --- but has no second line --- that ends it', 1);
    return { ...none, ...endless, body: normal };
  }
  const yaml = match[1] ?? '';
  const place = { body: match[2] ?? '', bodyLine: yaml.split('\n').length + FIRST_YAML_LINE };
  if (Buffer.byteLength(yaml) > MAX_FRONT_MATTER_BYTES)
    return { ...none, ...broken('is over 16 kB', 1), ...place };
  return { ...parse(yaml), ...place };
}

function parse(yaml: string): Pick<FrontMatter, 'values' | 'lines' | 'findings'> {
  try {
    const counter = new LineCounter();
    const document = parseDocument(yaml, {
      schema: 'core',
      resolveKnownTags: false,
      uniqueKeys: true,
      logLevel: 'silent',
      lineCounter: counter,
    });
    const lineAt = (offset: number): number => counter.linePos(offset).line + FIRST_YAML_LINE - 1;
    // Warnings too: an unknown tag such as !!js/function is one, and nobody writes it by accident.
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem) return broken(firstLine(problem.message), lineAt(problem.pos[0]));
    // Aliases serve nothing in a few lines of settings, and a few nested ones fill the memory.
    const value: unknown = document.toJS({ maxAliasCount: 0 });
    if (value === null || value === undefined) return { values: {}, lines: new Map(), findings: [] };
    if (!isRecord(value)) return broken('must be lines of the form key: value', FIRST_YAML_LINE);
    return { values: value, lines: linesOf(document, lineAt), findings: [] };
  } catch (error) {
    // A ReferenceError for aliases; a RangeError when lists are nested until the stack is full.
    const why =
      error instanceof ReferenceError ? 'anchors and aliases are not allowed' : 'cannot be read as YAML';
    return broken(why, FIRST_YAML_LINE);
  }
}

function linesOf(document: Document, lineAt: (offset: number) => number): Map<string, number> {
  const lines = new Map<string, number>();
  if (!isMap(document.contents)) return lines;
  for (const { key } of document.contents.items) {
    if (isScalar(key) && key.range) lines.set(String(key.value), lineAt(key.range[0]));
  }
  return lines;
}

function broken(message: string, line: number): Pick<FrontMatter, 'values' | 'lines' | 'findings'> {
  const finding: Finding = { code: 'BAD_FRONT_MATTER', field: 'front matter', message, line };
  return { values: {}, lines: new Map(), findings: [finding] };
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/:$/, '');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
