import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { PERMISSION_MODES } from '../agent-engine.js';
import type { EngineFailure, RunSpec } from '../agent-engine.js';

export interface SpecProblem {
  failure: EngineFailure;
  message: string;
}

// Some of these become arguments of a command line, and arguments smuggled in that way have been real CVEs.
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MODEL = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,150}(\[[A-Za-z0-9]{1,16}\])?$/;
const TOOL = /^[A-Za-z][A-Za-z0-9_.*-]{0,150}(\([^(),\p{Cc}]{1,300}\))?$/u;
const SUBAGENT = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const SECRET = /^[\x21-\x7e]+$/;

export interface Host {
  isRoot: boolean;
  isSandbox: boolean;
  configDir: string;
}

/** Why a run cannot be started, or null. Looks at the values first and at the disk last. */
export async function findSpecProblem(spec: RunSpec, host: Host): Promise<SpecProblem | null> {
  return problemOfValues(spec, host) ?? problemOfAgent(spec, host) ?? (await problemOfFolders(spec));
}

const problem = (failure: EngineFailure, message: string): SpecProblem => ({ failure, message });

function problemOfValues(spec: RunSpec, host: Host): SpecProblem | null {
  const { conversation, maxTurns, maxBudgetUsd, baseUrl } = spec;
  const ids = [spec.runId, conversation.id, ...(conversation.kind === 'fork' ? [conversation.from] : [])];
  if (!ids.every((id) => UUID.test(id)))
    return problem('invalid_request', 'Run and conversation ids have to be UUIDs.');
  if (spec.prompt.trim() === '') return problem('invalid_request', 'The prompt is empty.');
  if (maxTurns !== undefined && !(Number.isInteger(maxTurns) && maxTurns > 0)) {
    return problem('invalid_request', 'The limit of turns has to be a whole number above 0.');
  }
  if (maxBudgetUsd !== undefined && !(Number.isFinite(maxBudgetUsd) && maxBudgetUsd > 0)) {
    return problem('invalid_request', 'The cost limit has to be a number above 0.');
  }
  if (baseUrl !== undefined && !(URL.canParse(baseUrl) && /^https?:/i.test(baseUrl))) {
    return problem('invalid_request', 'The address of the model API has to be an http or https URL.');
  }
  if (!SECRET.test(spec.credential.secret)) {
    return problem('auth_failed', 'The credential is empty, or has characters that no credential has.');
  }
  if (spec.configDir !== host.configDir) {
    // Processes left behind are found by their config dir: a run under another one would never be cleaned up.
    return problem('not_startable', 'The run names another config dir than its engine.');
  }
  return null;
}

function problemOfAgent(spec: RunSpec, host: Host): SpecProblem | null {
  const models = [spec.model, ...spec.subagents.map((subagent) => subagent.model)];
  const badModel = models.find((model) => model !== undefined && !MODEL.test(model));
  if (badModel !== undefined)
    return problem('agent_invalid', `${JSON.stringify(badModel)} is not the name of a model.`);
  const tools = [spec, ...spec.subagents].flatMap((of) => [
    ...(of.allowedTools ?? []),
    ...(of.disallowedTools ?? []),
  ]);
  const badTool = tools.find((tool) => !TOOL.test(tool));
  if (badTool !== undefined)
    return problem('agent_invalid', `${JSON.stringify(badTool)} is not the name of a tool.`);
  const badSubagent = spec.subagents.find(({ name }) => !SUBAGENT.test(name));
  if (badSubagent)
    return problem('agent_invalid', `${JSON.stringify(badSubagent.name)} cannot name a subagent.`);
  if (!PERMISSION_MODES.includes(spec.permissionMode)) {
    return problem('agent_invalid', `${JSON.stringify(spec.permissionMode)} is not a permission mode.`);
  }
  if (spec.permissionMode === 'bypassPermissions' && host.isRoot && !host.isSandbox) {
    return problem(
      'agent_invalid',
      'Claude Code refuses bypassPermissions as root. Run the service as another user, or set IS_SANDBOX=1 when this ' +
        'machine is a disposable sandbox.',
    );
  }
  return null;
}

async function problemOfFolders(spec: RunSpec): Promise<SpecProblem | null> {
  // A missing working directory would show as "the native binary failed to launch, libc mismatch".
  if (!(await isFolder(spec.workspaceDir))) {
    return problem('workspace_missing', 'The folder of the workspace does not exist.');
  }
  for (const dir of spec.pluginDirs) {
    // Claude Code goes on without a plugin it cannot find; an agent without its skills is another agent.
    if (!(await isFolder(dir)))
      return problem('agent_invalid', 'A folder with skills of the agent does not exist.');
  }
  return null;
}

async function isFolder(path: string): Promise<boolean> {
  if (!isAbsolute(path) || path.includes('\0')) return false;
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
