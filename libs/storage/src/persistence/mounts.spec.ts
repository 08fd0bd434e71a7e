import { describe, expect, it } from '@jest/globals';
import { groundOf, hasLayer, mountOf, parseMounts } from './mounts.js';

const ROOT = '1 0 8:1 / / rw - ext4 /dev/sda1 rw';
const LAYER = '1 0 0:30 / / rw - overlay overlay rw';

function groundAt(path: string, ...lines: string[]): string | undefined {
  const all = parseMounts(lines.join('\n'));
  const isContainer = hasLayer(all, false);
  const mount = mountOf({ all, isContainer }, path);
  return mount ? groundOf(mount, { isContainer }) : undefined;
}

describe('what a folder lies on', () => {
  it.each([
    ['the disk of a machine', 'disk', [ROOT]],
    ['the layer of a container', 'layer', [LAYER]],
    ['a named volume', 'disk', [LAYER, '2 1 8:1 /volumes/machine_data/_data /data rw - ext4 /dev/sda1 rw']],
    [
      'a volume without a name',
      'anonymous volume',
      [LAYER, `2 1 8:1 /var/lib/docker/volumes/${'0a'.repeat(32)}/_data /data rw - ext4 /dev/sda1 rw`],
    ],
    ['memory', 'memory', [LAYER, '2 1 0:31 / /data rw - tmpfs tmpfs rw']],
    ['a share of the network', 'network', [LAYER, '2 1 0:31 / /data rw - nfs4 server:/x rw']],
    [
      'the later of two mounts',
      'memory',
      [LAYER, '2 1 8:1 / /data rw - ext4 /dev/sdb rw', '3 2 0:31 / /data rw - tmpfs t rw'],
    ],
    ['not a mount that only begins alike', 'layer', [LAYER, '2 1 8:1 / /data2 rw - ext4 /dev/sdb rw']],
  ])('%s', (_what, ground, lines) => {
    expect(groundAt('/data', ...lines)).toBe(ground);
  });

  it('reads blanks in names', () => {
    expect(parseMounts('2 1 8:1 / /my\\040data ro - ext4 /dev/sdb rw')).toEqual([
      { point: '/my data', root: '/', type: 'ext4', readOnly: true },
    ]);
  });
});

describe('the signs of a container', () => {
  it('count where the layer is no overlay, and not on a machine made from an image', () => {
    expect(hasLayer(parseMounts('1 0 0:30 /subvolumes/ab / rw - btrfs /dev/sda rw'), true)).toBe(true);
    expect(hasLayer(parseMounts(ROOT), true)).toBe(false);
  });
});
