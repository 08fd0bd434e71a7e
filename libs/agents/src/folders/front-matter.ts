import { parseDocument } from 'yaml';
import type { Finding } from './finding.js';
import { MAX_FRONT_MATTER_BYTES } from './limits.js';

export interface FrontMatter {
  /** The keys and values; empty when there is none or when it cannot be read. */
  values: Record<string, unknown>;
  /** The text below it. */
  body: string;
  findings: Finding[];
}

/** Splits a Markdown file into YAML front matter and body. Never throws. */
export function readFrontMatter(text: string): FrontMatter {
  const normal = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  if (!/^---[ \t]*\n/.test(normal)) return { values: {}, body: normal, findings: [] };
  const match = /^---[ \t]*\n((?:[^\n]*\n)*?)---[ \t]*(?:\n|$)([\s\S]*)$/.exec(normal);
  if (!match) return broken(normal, 'begins with --- but has no second line --- that ends it');
  const yaml = match[1] ?? '';
  const body = match[2] ?? '';
  if (Buffer.byteLength(yaml) > MAX_FRONT_MATTER_BYTES) return broken(body, 'is over 16 kB');
  return { ...parse(yaml), body };
}

function parse(yaml: string): Pick<FrontMatter, 'values' | 'findings'> {
  try {
    const document = parseDocument(yaml, {
      schema: 'core',
      resolveKnownTags: false,
      uniqueKeys: true,
      logLevel: 'silent',
    });
    // Warnings too: an unknown tag such as !!js/function is one, and nobody writes it by accident.
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem) return broken('', firstLine(problem.message));
    // Aliases serve nothing in a few lines of settings, and a few nested ones fill the memory.
    const value: unknown = document.toJS({ maxAliasCount: 0 });
    if (value === null || value === undefined) return { values: {}, findings: [] };
    if (!isRecord(value)) return broken('', 'must be lines of the form key: value');
    return { values: value, findings: [] };
  } catch (error) {
    // A ReferenceError for aliases; a RangeError when lists are nested until the stack is full.
    const why =
      error instanceof ReferenceError ? 'anchors and aliases are not allowed' : 'cannot be read as YAML';
    return broken('', why);
  }
}

function broken(body: string, message: string): FrontMatter {
  return { values: {}, body, findings: [{ field: 'front matter', message }] };
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/:$/, '');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
