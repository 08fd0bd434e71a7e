import { posix } from 'node:path';
import type { Finding, FindingCode } from './finding.js';
import { MAX_IMPORT_DEPTH, MAX_INSTRUCTIONS_BYTES } from './limits.js';

/** The text of a file of the agent by its relative path; null when there is none. */
export type ReadImport = (path: string) => string | null;

export interface ImportingText {
  text: string;
  /** Relative to the agent's folder; imports are relative to it. */
  file: string;
  /** The line of the file at which the text begins. */
  line: number;
}

export interface Expanded {
  text: string;
  findings: Finding[];
  /** Mentions that look like files and are none, so that they stayed text. */
  hints: Finding[];
}

const MENTION = /(^|\s)@([^\s`]+)/g;
const FENCE = /^\s{0,3}(`{3,}|~{3,})/;

/**
 * Expands `@path` as Claude Code does in a CLAUDE.md, because it does not do so in the text we hand it: paths are
 * relative to the file they stand in, code is left alone, and a mention that is no file (`@anthropic-ai/sdk`) stays
 * text. A mention on a line of its own is replaced by the file; the files of other mentions follow at the end.
 * Nothing outside of the agent's folder can be imported: `read` knows only its files.
 */
export function expandImports(body: ImportingText, read: ReadImport): Expanded {
  const run = new Expansion(read);
  const text = run.expand(body, 0);
  return { text: text.trim(), findings: run.findings, hints: run.hints };
}

class Expansion {
  readonly findings: Finding[] = [];
  readonly hints: Finding[] = [];
  private readonly done = new Set<string>();
  private bytes = 0;

  constructor(private readonly read: ReadImport) {}

  expand({ text, file, line }: ImportingText, depth: number): string {
    this.bytes += Buffer.byteLength(text);
    if (this.bytes > MAX_INSTRUCTIONS_BYTES) {
      this.find('TOO_LARGE', 'imports', 'make the instructions longer than 512 kB', { file });
      return '';
    }
    const appended: string[] = [];
    let fence: string | null = null;
    const lines = text.split('\n').map((content, index) => {
      const mark = FENCE.exec(content)?.[1];
      if (mark && (fence === null || (mark[0] === fence[0] && mark.length >= fence.length))) {
        fence = fence === null ? mark : null;
        return content;
      }
      const place = { file, line: line + index };
      return fence === null ? this.expandLine(content, place, depth, appended) : content;
    });
    return [lines.join('\n'), ...appended].join('\n\n');
  }

  private expandLine(line: string, place: Place, depth: number, appended: string[]): string {
    const alone = /^\s*@(\S+)\s*$/.exec(line)?.[1];
    if (alone) return this.import(alone, place, depth, true) ?? line;
    const prose = line.replace(/`[^`]*`/g, (code) => ' '.repeat(code.length));
    for (const [, , mention] of prose.matchAll(MENTION)) {
      const path = mention?.replace(/[.,;:!?)\]"']+$/, '') ?? '';
      const content = path === '' ? null : this.import(path, place, depth, false);
      if (content) appended.push(`Contents of ${path}:\n\n${content}`);
    }
    return line;
  }

  /** The expanded content; '' for a file that stands in the text already; null when the mention is no import. */
  private import(mention: string, place: Place, depth: number, alone: boolean): string | null {
    const path = posix.normalize(posix.join(posix.dirname(place.file), mention));
    const outside = mention.startsWith('/') || mention.startsWith('~') || path.startsWith('../');
    const content = outside ? null : this.read(path);
    if (content === null) {
      this.missed(mention, place, outside, alone);
      return null;
    }
    if (this.done.has(path)) return '';
    this.done.add(path);
    if (depth >= MAX_IMPORT_DEPTH) {
      this.find('IMPORT_TOO_DEEP', `@${mention}`, `is nested deeper than ${MAX_IMPORT_DEPTH} imports`, place);
      return '';
    }
    return this.expand({ text: content, file: path, line: 1 }, depth + 1).trim();
  }

  private missed(mention: string, place: Place, outside: boolean, alone: boolean): void {
    const code = outside ? 'IMPORT_LEAVES_FOLDER' : 'IMPORT_NOT_FOUND';
    if (alone && (mention.includes('/') || mention.endsWith('.md'))) {
      const why = outside ? "leaves the agent's folder" : 'is not a file of the agent';
      this.find(code, `@${mention}`, why, place);
    } else if (/\.(md|txt)$/.test(mention)) {
      const message = 'is no file of the agent, so it stays text and nothing is imported';
      this.find(code, `@${mention}`, message, place, this.hints);
    }
  }

  private find(
    code: FindingCode,
    field: string,
    message: string,
    place: Partial<Place>,
    among = this.findings,
  ): void {
    const shown = field.slice(0, 200);
    if (!among.some((finding) => finding.field === shown))
      among.push({ code, field: shown, message, ...place });
  }
}

interface Place {
  file: string;
  line: number;
}
