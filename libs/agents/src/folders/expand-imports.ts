import { posix } from 'node:path';
import type { Finding } from './finding.js';
import { MAX_IMPORT_DEPTH, MAX_INSTRUCTIONS_BYTES } from './limits.js';

/** The text of a file of the agent by its relative path; null when there is none. */
export type ReadImport = (path: string) => string | null;

const MENTION = /(^|\s)@([^\s`]+)/g;
const FENCE = /^\s{0,3}(`{3,}|~{3,})/;

/**
 * Expands `@path` as Claude Code does in a CLAUDE.md, because it does not do so in the text we hand it: paths are
 * relative to the file they stand in, code is left alone, and a mention that is no file (`@anthropic-ai/sdk`) stays
 * text. A mention on a line of its own is replaced by the file; the files of other mentions follow at the end.
 * Nothing outside of the agent's folder can be imported: `read` knows only its files.
 */
export function expandImports(body: string, read: ReadImport): { text: string; findings: Finding[] } {
  const run = new Expansion(read);
  const text = run.expand(body, '.', 0);
  return { text: text.trim(), findings: run.findings };
}

class Expansion {
  readonly findings: Finding[] = [];
  private readonly done = new Set<string>();
  private bytes = 0;

  constructor(private readonly read: ReadImport) {}

  expand(text: string, folder: string, depth: number): string {
    this.bytes += Buffer.byteLength(text);
    if (this.bytes > MAX_INSTRUCTIONS_BYTES) {
      this.find('imports', 'make the instructions longer than 512 kB');
      return '';
    }
    const appended: string[] = [];
    let fence: string | null = null;
    const lines = text.split('\n').map((line) => {
      const mark = FENCE.exec(line)?.[1];
      if (mark && (fence === null || (mark[0] === fence[0] && mark.length >= fence.length))) {
        fence = fence === null ? mark : null;
        return line;
      }
      return fence === null ? this.expandLine(line, folder, depth, appended) : line;
    });
    return [lines.join('\n'), ...appended].join('\n\n');
  }

  private expandLine(line: string, folder: string, depth: number, appended: string[]): string {
    const alone = /^\s*@(\S+)\s*$/.exec(line)?.[1];
    if (alone) {
      const content = this.import(alone, folder, depth, true);
      return content ?? line;
    }
    const prose = line.replace(/`[^`]*`/g, (code) => ' '.repeat(code.length));
    for (const [, , mention] of prose.matchAll(MENTION)) {
      const path = mention?.replace(/[.,;:!?)\]"']+$/, '') ?? '';
      const content = path === '' ? null : this.import(path, folder, depth, false);
      if (content) appended.push(`Contents of ${path}:\n\n${content}`);
    }
    return line;
  }

  /** The expanded content; '' for a file that stands in the text already; null when the mention is no import. */
  private import(mention: string, folder: string, depth: number, alone: boolean): string | null {
    const path = posix.normalize(posix.join(folder, mention));
    const outside = mention.startsWith('/') || mention.startsWith('~') || path.startsWith('../');
    const content = outside ? null : this.read(path);
    if (content === null) {
      if (alone && (mention.includes('/') || mention.endsWith('.md'))) {
        this.find(`@${mention}`, outside ? "leaves the agent's folder" : 'is not a file of the agent');
      }
      return null;
    }
    if (this.done.has(path)) return '';
    this.done.add(path);
    if (depth >= MAX_IMPORT_DEPTH) {
      this.find(`@${mention}`, `is nested deeper than ${MAX_IMPORT_DEPTH} imports`);
      return '';
    }
    return this.expand(content, posix.dirname(path), depth + 1).trim();
  }

  private find(field: string, message: string): void {
    const shown = field.slice(0, 200);
    if (!this.findings.some((finding) => finding.field === shown))
      this.findings.push({ field: shown, message });
  }
}
