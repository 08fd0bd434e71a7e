import type { Role } from '@app/contracts';
import type { Caller } from './access.js';

/** Whose key a request came with. */
export class MeView {
  key_id: string;
  name: string;
  role: Role;
  /** `bearer`: with the key itself; `cookie`: with a browser's login. */
  via: 'bearer' | 'cookie';

  static of({ key_id, name, role, via }: Caller): MeView {
    return { key_id, name, role, via };
  }
}
