import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line of a request carries without being told. */
export const requestContext = new AsyncLocalStorage<{ request_id: string }>();
