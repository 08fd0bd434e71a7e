import type { Environment } from './load-settings.js';

/** What this process was started with. Processes we start get an allow-listed part of it, never the whole. */
export function hostEnvironment(): Environment {
  return { ...process.env };
}
