import { stringify } from 'yaml';
import { readFrontMatter } from '@app/agents';

/** Which key of Claude's subagent files is which of ours. The name is that of the folder. */
const KEYS: Readonly<Record<string, string>> = {
  description: 'description',
  model: 'model',
  tools: 'allowed_tools',
  disallowedTools: 'disallowed_tools',
  permissionMode: 'permission_mode',
};

export interface ConvertedAgent {
  claudeMd: string;
  /** Keys of the front matter that have no place here. */
  dropped: string[];
}

/** A file of `.claude/agents/` as the CLAUDE.md of an agent. `model: inherit` is what no model means here. */
export function toAgent(text: string): ConvertedAgent {
  const { values, body, findings } = readFrontMatter(text);
  // The upload says what is wrong with it.
  if (findings.length > 0) return { claudeMd: text, dropped: [] };
  const kept: Record<string, unknown> = {};
  const dropped: string[] = [];
  for (const [key, value] of Object.entries(values)) {
    const name = KEYS[key];
    if (key === 'name' || (key === 'model' && value === 'inherit')) continue;
    if (name === undefined) dropped.push(key);
    // Subagents have descriptions of several lines; here it is one.
    else
      kept[name] = key === 'description' ? String(value).replace(/\s+/g, ' ').trim().slice(0, 1024) : value;
  }
  const front = Object.keys(kept).length > 0 ? `---\n${stringify(kept)}---\n\n` : '';
  return { claudeMd: `${front}${body.trimStart()}`, dropped };
}

/** A name as folders may have it; it may still be one that is refused. */
export function toName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
