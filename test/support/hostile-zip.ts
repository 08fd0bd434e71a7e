import { crc32, deflateRawSync } from 'node:zlib';

/** What an entry of an archive says of itself; all of it may be a lie. */
export interface ZipEntry {
  name: string | Buffer;
  content?: string | Buffer;
  /** Unix permissions with the type of the file; a regular file without. */
  mode?: number;
  /** The operating system it was made on: 3 is Unix. */
  madeOn?: number;
  /** 0 stored, 8 deflated. */
  method?: number;
  flags?: number;
  /** The sizes and the checksum that are claimed, where they are not the true ones. */
  size?: number;
  packedSize?: number;
  crc?: number;
  /** Extra fields of the central directory. */
  extra?: Buffer;
}

/** A zip archive byte by byte, as no honest program makes it. `count` is the number of entries that it claims. */
export function zipOf(entries: readonly ZipEntry[], { count = entries.length } = {}): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const content = Buffer.from(entry.content ?? '');
    const method = entry.method ?? 8;
    const packed = method === 8 ? deflateRawSync(content) : content;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(entry.flags ?? 0x800, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(entry.crc ?? crc32(content), 10);
    common.writeUInt32LE(entry.packedSize ?? packed.length, 14);
    common.writeUInt32LE(entry.size ?? content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, packed]);
    const tail = Buffer.alloc(14);
    const extra = entry.extra ?? Buffer.alloc(0);
    tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    const madeBy = Buffer.from([20, entry.madeOn ?? 3]);
    const described = Buffer.from(common);
    described.writeUInt16LE(extra.length, 24);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02'), madeBy, described, tail, name, extra]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
