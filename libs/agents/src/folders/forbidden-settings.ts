import type { Finding } from './finding.js';

/**
 * Settings of Claude Code that run commands by themselves, hold keys or talk to other servers. What an agent does
 * is done by the model, with tools, in the log: nothing here may act beside it.
 */
const KEYS: ReadonlySet<string> = new Set([
  'hooks',
  'mcpservers',
  'apikeyhelper',
  'env',
  'settings',
  'permissions',
  'statusline',
  'enabledplugins',
]);

const FILES: ReadonlySet<string> = new Set([
  'hooks',
  'hooks.json',
  'settings.json',
  'settings.local.json',
  'mcp.json',
]);

/** Keys of front matter that are forbidden, however they are written (`mcpServers`, `mcp_servers`, …). */
export function forbiddenKeys(values: Record<string, unknown>): Finding[] {
  return Object.keys(values)
    .filter((key) => KEYS.has(key.toLowerCase().replace(/[_-]/g, '')))
    .map((key) => ({
      code: 'FORBIDDEN_SETTING',
      field: key,
      message: 'is not allowed in an agent or a skill: no run loads it. Leave it out',
      forbidden: true,
    }));
}

/** Whether a file of a skill is one that Claude Code reads as settings: `.claude/…`, `.mcp.json`, `hooks/…`. */
export function isForbiddenFile(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') || FILES.has(part.toLowerCase()));
}
