import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/** A file to which one JSON line after the other is added; each is on disk when `append` returns. */
export class Ledger<Entry> {
  private readonly file: number;

  constructor(readonly path: string) {
    this.file = openSync(path, 'a');
  }

  append(entry: Entry): void {
    writeSync(this.file, `${JSON.stringify(entry)}\n`);
    fsyncSync(this.file);
  }

  close(): void {
    closeSync(this.file);
  }
}

/** What a ledger holds. A last line without its end was being written when its writer was killed: it does not count. */
export function readLedger<Entry>(path: string): Entry[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Entry);
}
