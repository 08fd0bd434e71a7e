/** Builds when `dist` is missing or older than the sources, and is silent otherwise. */
import { build, isBuilt } from './build.mjs';

if (!isBuilt()) {
  console.error('Building Claude Code Agent (once, about 20 seconds) …');
  process.exitCode = build();
}
