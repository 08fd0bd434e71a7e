import { AppError } from '@app/contracts';
import type { FolderFile, FolderFiles } from '../folders/folder-files.js';
import { isForbiddenFile } from '../folders/forbidden-settings.js';
import { INVALID_OF, MAIN_FILE_OF, WORD_OF, type Kind } from '../folders/kind.js';
import { MAX_CLAUDE_MD_BYTES, MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES } from '../folders/limits.js';

/** Letters, digits, `_`, `-` and dots inside: what every file system and every archive takes. */
const PART = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?$/;
const MAX_PARTS = { agents: 8, skills: 6 } as const satisfies Record<Kind, number>;

/**
 * The files of one agent or skill as they are put together from a request. Throws `INVALID_NAME`,
 * `FORBIDDEN_AGENT_SETTING`, `PAYLOAD_TOO_LARGE`, and `INVALID_AGENT` or `INVALID_SKILL` for contradictions.
 */
export class CheckedFiles {
  private readonly files = new Map<string, FolderFile>();
  private readonly places = new Map<string, 'file' | 'folder'>();
  private bytes = 0;

  constructor(readonly kind: Kind) {}

  static of(kind: Kind, files: FolderFiles): FolderFiles {
    const checked = new CheckedFiles(kind);
    for (const [path, { content, executable }] of files) checked.add(path, content, executable);
    return checked.all();
  }

  add(path: string, content: Buffer, executable = content.subarray(0, 2).toString('latin1') === '#!'): void {
    assertFileName(this.kind, path);
    this.claim(path);
    const word = WORD_OF[this.kind];
    const isMain = this.kind === 'agents' && path === MAIN_FILE_OF.agents;
    const maxBytes = isMain ? MAX_CLAUDE_MD_BYTES : MAX_FILE_BYTES;
    if (content.length > maxBytes) throw tooLarge(`${path} is over ${maxBytes / 1024} kB.`);
    this.bytes += content.length;
    if (this.files.size >= MAX_FILES) throw tooLarge(`One ${word} has at most ${MAX_FILES} files.`);
    if (this.bytes > MAX_TOTAL_BYTES) throw tooLarge(`The files of one ${word} are at most 16 MB together.`);
    this.files.set(path, { content, executable });
  }

  all(): FolderFiles {
    return this.files;
  }

  private claim(path: string): void {
    const parts = path.toLowerCase().split('/');
    parts.forEach((_part, index) => {
      const place = parts.slice(0, index + 1).join('/');
      const kind = index === parts.length - 1 ? 'file' : 'folder';
      const known = this.places.get(place);
      if (known === undefined) this.places.set(place, kind);
      else if (known === 'file' && kind === 'file')
        throw contradiction(this.kind, path, 'is there twice, or differs in upper and lower case only');
      else if (known !== kind) throw contradiction(this.kind, path, 'is a file and a folder at once');
    });
  }
}

/** Throws `INVALID_NAME` or `FORBIDDEN_AGENT_SETTING`. The name is not repeated: it may hold anything. */
export function assertFileName(kind: Kind, path: string): void {
  const parts = path.split('/');
  const leaves = parts.some((part) => part === '' || part === '.' || part === '..') || path.includes('\\');
  if (!leaves && isForbiddenFile(path)) {
    throw new AppError(
      'FORBIDDEN_AGENT_SETTING',
      `No ${WORD_OF[kind]} may hold settings, hooks or files whose name begins with a dot: no run loads them. Leave them out.`,
    );
  }
  if (leaves || parts.length > MAX_PARTS[kind] || !parts.every((part) => PART.test(part))) {
    throw new AppError(
      'INVALID_NAME',
      `The name of a file is not usable: up to ${MAX_PARTS[kind]} parts with / between them, each of letters, digits, dots, dashes and underscores.`,
    );
  }
}

/** Throws when a file, or a folder above it, is there already but for upper and lower case. */
export function assertNoTwin(kind: Kind, path: string, others: Iterable<string>): void {
  const parts = path.split('/');
  for (const other of others) {
    const known = other.split('/');
    const apart = parts.findIndex((part, index) => part !== known[index]);
    if (apart >= 0 && parts[apart]?.toLowerCase() === known[apart]?.toLowerCase()) {
      throw contradiction(kind, path, `differs from ${other} in upper and lower case only`);
    }
  }
}

/** Says that a request contradicts itself. */
export function contradiction(kind: Kind, field: string, message: string): AppError {
  return new AppError(INVALID_OF[kind], `The ${WORD_OF[kind]} was not stored. ${field}: ${message}`, {
    details: [{ field, message }],
  });
}

function tooLarge(message: string): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', message);
}
