import { createRequire } from 'node:module';

const SDK = '@anthropic-ai/claude-agent-sdk';

/** The `claude` binary that came with the SDK for this platform; undefined when npm has not installed one. */
export function findExecutable(): string | undefined {
  try {
    // The platform package is a dependency of the SDK, so it is looked up from there.
    const fromSdk = createRequire(createRequire(import.meta.url).resolve(SDK));
    const platform = `${SDK}-${process.platform}-${process.arch}`;
    const candidates = process.platform === 'linux' ? [platform, `${platform}-musl`] : [platform];
    const file = process.platform === 'win32' ? 'claude.exe' : 'claude';
    for (const candidate of candidates) {
      const path = resolveOrNull(fromSdk, `${candidate}/${file}`);
      if (path !== null) return path;
    }
  } catch {
    // The SDK itself is not installed: the check says so in its own words.
  }
  return undefined;
}

function resolveOrNull(require: NodeJS.Require, id: string): string | null {
  try {
    return require.resolve(id);
  } catch {
    return null;
  }
}
