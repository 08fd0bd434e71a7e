import { randomBytes } from 'node:crypto';
import pg, { type ClientConfig } from 'pg';

declare module 'pg' {
  interface ClientBase {
    /** The number of its process at the server, or what a pooler gives out instead. */
    readonly processID: number | null;
    /** False while it waits for the answer to a statement. */
    readonly readyForQuery: boolean;
  }
}

/** A connection that can be found again in the server's list of sessions: its name there is its own. */
export class MarkedClient extends pg.Client {
  readonly mark: string;

  constructor(config: ClientConfig = {}) {
    const mark = `${config.application_name ?? 'pool'} ${randomBytes(6).toString('hex')}`;
    // Not spread: the pool hides the password from loops over the fields.
    const marked = Object.defineProperties({}, Object.getOwnPropertyDescriptors(config));
    super(Object.assign(marked, { application_name: mark }));
    this.mark = mark;
  }
}
