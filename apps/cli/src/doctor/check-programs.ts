import { hostEnvironment, type Settings } from '@app/config';
import { createClaudeCodeEngine } from '@app/engines';
import { Paths } from '@app/paths';
import { fail, ok, type Finding } from './finding.js';

/** As package.json says in `engines`. */
const OLDEST_NODE = [20, 19] as const;

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [needMajor, needMinor] = OLDEST_NODE;
  const enough = major > needMajor || (major === needMajor && minor >= needMinor);
  return enough
    ? ok('node', version)
    : fail('node', `${version} is too old. Install Node ${needMajor}.${needMinor} or newer.`);
}

export async function checkClaude(settings: Settings): Promise<Finding> {
  const configDir = new Paths(settings).claudeConfig;
  const check = await createClaudeCodeEngine({ hostEnv: hostEnvironment(), configDir }).check();
  return check.ok ? ok('claude', `Claude Code ${check.version}`) : fail('claude', check.problem);
}
