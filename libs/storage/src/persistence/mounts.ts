export interface Mount {
  point: string;
  /** Which part of the file system is mounted there: tells a volume of Docker by its name. */
  root: string;
  type: string;
  readOnly: boolean;
}

/** Where a process lives: its mounts (null where the system does not tell), and whether it is in a container. */
export interface Mounts {
  all: readonly Mount[] | null;
  isContainer: boolean;
}

/** File systems that are a container's own layer, and those that are gone with the machine's memory. */
const LAYERS: ReadonlySet<string> = new Set(['overlay', 'aufs', 'fuse-overlayfs']);
const IN_MEMORY: ReadonlySet<string> = new Set(['tmpfs', 'ramfs']);
/** SQLite's WAL needs memory that all its processes share, which these do not give. */
const NETWORKS: ReadonlySet<string> = new Set([
  ...['nfs', 'nfs4', 'cifs', 'smb3', 'smbfs', '9p', 'fuse.sshfs', 'fuse.grpcfuse'],
]);

export type Ground = 'layer' | 'memory' | 'network' | 'anonymous volume' | 'disk';

/** Text of `/proc/self/mountinfo`: `… root mount-point options [fields] - type source super-options`. */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '', point = '', options = ''] = before.split(' ');
    const [type = '', , superOptions = ''] = after.split(' ');
    if (point === '' || type === '') return [];
    const readOnly = [...options.split(','), ...superOptions.split(',')].includes('ro');
    return [{ point: unescape(point), root: unescape(root), type, readOnly }];
  });
}

/** Null where the system does not tell. The later of two on one place is the one that is seen. */
export function mountOf({ all }: Mounts, path: string): Mount | null {
  let best: Mount | null = null;
  for (const mount of all ?? []) {
    const inside = path === mount.point || path.startsWith(mount.point === '/' ? '/' : `${mount.point}/`);
    if (inside && (!best || mount.point.length >= best.point.length)) best = mount;
  }
  return best;
}

export function groundOf(mount: Mount, { isContainer }: Pick<Mounts, 'isContainer'>): Ground {
  // A container's layer need not be an overlay: Docker has drivers for other file systems.
  if (LAYERS.has(mount.type) || (isContainer && mount.point === '/')) return 'layer';
  if (IN_MEMORY.has(mount.type)) return 'memory';
  if (NETWORKS.has(mount.type)) return 'network';
  return /\/volumes\/[0-9a-f]{64}\/_data$/.test(mount.root) ? 'anonymous volume' : 'disk';
}

/**
 * Whether `/` is a container's layer. The signs that container programs leave are also in machines that were made
 * from an image; there `/` is the root of its file system.
 */
export function hasLayer(mounts: readonly Mount[] | null, hasSigns: boolean): boolean {
  const top = mountOf({ all: mounts, isContainer: false }, '/');
  if (!top) return hasSigns;
  return LAYERS.has(top.type) || (hasSigns && (top.root !== '/' || top.type === 'zfs'));
}

/** Blanks and the like stand as `\040`. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
