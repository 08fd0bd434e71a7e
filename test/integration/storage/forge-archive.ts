import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Header } from 'tar-stream';

export interface ForgedEntry extends Partial<Omit<Header, 'size'>> {
  name: string;
  content?: string;
}

export const ABOUT = {
  format: 'claude-agent-backup',
  version: 1,
  backup_id: '20260101T000000Z-abcdef',
  created_at: '2026-01-01T00:00:00.000Z',
  trigger: 'manual',
  app_version: '0.1.0',
  database: 'sqlite',
  migrations: [] as string[],
  kek: null as string | null,
};

/** An archive as ours are, with these entries and a manifest that is right about them. */
export async function forgeArchive(
  file: string,
  entries: readonly ForgedEntry[],
  { about = ABOUT, manifest = true }: { about?: object; manifest?: boolean } = {},
): Promise<string> {
  const tar = pack();
  const lines: string[] = [];
  const add = (header: ForgedEntry, content: string): void => {
    const type = header.type ?? 'file';
    tar.entry(
      { mode: 0o644, ...header, type, ...(type === 'file' ? {} : { size: 0 }) },
      type === 'file' ? content : '',
    );
    if (type !== 'file') return;
    const sha256 = createHash('sha256').update(content).digest('hex');
    lines.push(JSON.stringify({ path: header.name, size: Buffer.byteLength(content), sha256 }));
  };
  add({ name: '.backup/about.json' }, JSON.stringify(about));
  for (const { content = '', ...header } of entries) add(header, content);
  if (manifest) {
    const totals = { entries: lines.length, bytes: 0, tables: {}, incomplete: 0, skipped: 0 };
    const text = [...lines, JSON.stringify({ totals })].map((line) => `${line}\n`).join('');
    tar.entry({ name: '.backup/manifest.ndjson' }, text);
  }
  tar.finalize();
  await pipeline(
    async function* () {
      for await (const chunk of tar as AsyncIterable<Buffer>) yield chunk;
    },
    createGzip(),
    createWriteStream(file),
  );
  return file;
}
