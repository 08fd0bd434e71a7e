import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { tempDataDir } from '../../support/index.js';
import {
  doctorBehind,
  hasNamespaces,
  hasStrace,
  inContainer,
  nobodyHasNode,
  PROGRAM,
} from './in-namespace.js';
import { usedFolder } from './used-folder.js';

jest.setTimeout(90_000);

/** The three tests of the founding document's debugging chapter, with the mistakes really made. */
(hasNamespaces ? describe : describe.skip)('the persistence doctor, in a mount namespace, names', () => {
  let data: string;
  beforeEach(async () => {
    data = await usedFolder();
  });
  const doctor = (mounts: string, env: Record<string, string> = {}) =>
    doctorBehind(mounts, { DATA_DIR: data, APP_DIR: PROGRAM, ...env });

  it('nothing where the data folder is a volume and the program is read-only', () => {
    const found = doctor(
      inContainer(
        `mount --bind ${data} $L/root${data}`,
        `mount --bind ${PROGRAM} $L/root${PROGRAM}`,
        `mount -o remount,ro,bind $L/root${PROGRAM}`,
      ),
    );
    expect(found).toMatchObject({
      volume: 'ok',
      program: 'ok',
      writable: 'ok',
      marker: 'ok',
    });
  });

  it('a data folder without a volume, and a program that can be written', () => {
    expect(doctor(inContainer())).toMatchObject({
      volume: 'fail VOLUME_IN_CONTAINER_LAYER',
      program: 'warn APP_WRITABLE',
    });
  });

  it('a volume without a name', async () => {
    const place = join(await tempDataDir('docker'), 'volumes', '0123456789abcdef'.repeat(4), '_data');
    await mkdir(place, { recursive: true });
    expect(doctor(inContainer(`mount --bind ${place} $L/root${data}`))).toMatchObject({
      volume: 'warn VOLUME_ANONYMOUS',
    });
  });

  it('a data folder in memory', () => {
    expect(doctor(`mount -t tmpfs none ${data}; $DOCTOR`)).toMatchObject({ volume: 'fail VOLUME_IN_MEMORY' });
  });

  it('a data folder that is mounted read-only', () => {
    const mounts = `mount --bind ${data} ${data}; mount -o remount,ro,bind ${data}; $DOCTOR`;
    expect(doctor(mounts)).toMatchObject({
      volume: 'fail VOLUME_READ_ONLY',
      writable: 'fail DATA_NOT_WRITABLE',
      marker: 'ok',
    });
  });

  it('an empty volume in the place of the one that was there, when the database is elsewhere', async () => {
    const empty = await tempDataDir('empty');
    const database = join(await usedFolder(), 'db', 'machine.db');
    const mounts = `mount --bind ${empty} ${data}; $DOCTOR`;
    expect(doctor(mounts, { DATABASE_URL: `sqlite:///${database}` })).toMatchObject({
      marker: 'fail MARKER_GONE',
    });
  });

  (nobodyHasNode ? it : it.skip)('files of another user than the one the service runs as', () => {
    const asNobody = `setpriv --reuid=65534 --clear-groups $(echo "$DOCTOR" | sed "s#${PROGRAM}#/srv#g")`;
    const mounts = `chown -R 65534 ${data}; mount --bind ${data} /mnt; mount --bind ${PROGRAM} /srv`;
    const env = { DATA_DIR: '/mnt', APP_DIR: '/srv' };
    expect(doctor(`${mounts}; chown 0 /mnt/db/machine.db; ${asNobody}`, env)).toMatchObject({
      owner: 'fail FOREIGN_OWNER',
      writable: 'ok',
    });
    expect(doctor(`${mounts}; chown -R 0 /mnt/credentials; ${asNobody}`, env)).toMatchObject({
      owner: 'fail FOREIGN_OWNER',
      writable: 'fail DATA_NOT_WRITABLE',
      'master key': 'fail CANNOT_LOOK',
    });
  });

  it('a data folder that is full', () => {
    const mounts = `mount -t tmpfs -o size=2m none ${data}; head -c 3000000 /dev/zero > ${data}/fill || true; $DOCTOR`;
    expect(doctor(mounts)).toMatchObject({ fsync: 'fail FSYNC_FAILS', space: 'fail SPACE_FULL' });
  });

  (hasStrace ? it : it.skip)('a disk that does not confirm what was written', () => {
    const mounts = `strace -f -qq -o /dev/null -e trace=fsync,fdatasync -e inject=fsync,fdatasync:error=EIO $DOCTOR`;
    expect(doctor(mounts)).toMatchObject({ fsync: 'fail FSYNC_FAILS' });
  });
});
