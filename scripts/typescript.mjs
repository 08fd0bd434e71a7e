/**
 * Lets Node run our TypeScript as it stands: `node --import ./scripts/typescript.mjs bench/main.ts`.
 * For tools and test support only; the service itself is compiled by `npm run build`.
 */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
