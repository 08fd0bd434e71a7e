import { isIP } from 'node:net';
import type { Settings } from '@app/config';

/** Names of this machine for itself: no page from elsewhere can have them. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const EVERY_ADDRESS = new Set(['0.0.0.0', '::', '[::]']);

/**
 * Which names the service answers to, and which web pages may use a browser's login.
 *
 * Hosts: a page whose name its owner points at this machine (DNS rebinding) is a stranger with our address, so
 * the name in `Host` must be one we know: loopback, HOST and the host of PUBLIC_URL. With a HOST that means
 * "every address" we cannot know our addresses (a container does not see those of its machine), but we need not:
 * rebinding takes a name of the public DNS. So IP addresses and names without a dot (`app` in a compose file)
 * are accepted then as well. Ports are not compared: a published port differs from ours, and proves nothing.
 *
 * Origins: the page must come from the very host and port it talks to, or from PUBLIC_URL or CORS_ORIGINS.
 */
export class OriginPolicy {
  private readonly names: ReadonlySet<string>;
  private readonly origins: ReadonlySet<string>;
  private readonly listensEverywhere: boolean;

  constructor(settings: Pick<Settings, 'host' | 'publicUrl' | 'corsOrigins'>) {
    const own =
      settings.host.includes(':') && !settings.host.startsWith('[') ? `[${settings.host}]` : settings.host;
    const shown = settings.publicUrl === null ? [] : [new URL(settings.publicUrl)];
    this.listensEverywhere = EVERY_ADDRESS.has(settings.host);
    this.names = new Set([...LOOPBACK, own.toLowerCase(), ...shown.map((url) => url.hostname)]);
    this.origins = new Set([...settings.corsOrigins, ...shown.map((url) => url.origin)]);
  }

  /** `host` is the header, port and all. */
  hostAllowed(host: string | undefined): boolean {
    const name = hostName(host);
    if (name === null) return false;
    if (this.names.has(name)) return true;
    return this.listensEverywhere && (isIP(name.replace(/^\[|\]$/g, '')) !== 0 || !name.includes('.'));
  }

  /**
   * Whether a page of this origin may act with a browser's login. Both are headers; `host` has passed
   * `hostAllowed`. Programs send no origin, and browsers none with a plain GET: what a missing one means is for
   * the caller to decide. `null`, the origin of sandboxed and local pages, is nobody's.
   */
  originAllowed(origin: string, host: string | undefined): boolean {
    if (this.corsAllowed(origin)) return true;
    if (!/^https?:\/\//i.test(origin) || !URL.canParse(origin)) return false;
    return host !== undefined && new URL(origin).host === host.toLowerCase();
  }

  /** Whether a page of this origin is told by CORS headers that it may read answers. */
  corsAllowed(origin: string | undefined): boolean {
    return origin !== undefined && this.origins.has(origin);
  }
}

/** The name in a `Host` header, lower case, IPv6 in brackets; null when the header is not well formed. */
function hostName(host: string | undefined): string | null {
  return /^(\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i.exec(host ?? '')?.[1]?.toLowerCase() ?? null;
}
