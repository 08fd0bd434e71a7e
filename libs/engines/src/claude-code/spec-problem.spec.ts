import { describe, expect, it } from '@jest/globals';
import type { RunSpec } from '../agent-engine.js';
import { findSpecProblem } from './spec-problem.js';

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const host = { isRoot: true, isSandbox: false, configDir: '/data/claude' };
const good: RunSpec = {
  runId: ID,
  prompt: 'Do it.',
  workspaceDir: import.meta.dirname,
  instructions: '',
  pluginDirs: [],
  subagents: [],
  permissionMode: 'default',
  allowedTools: ['Read', 'Bash(npm run test:*)', 'mcp__db__query', 'WebFetch(domain:example.com)'],
  disallowedTools: [],
  model: 'claude-sonnet-5[1m]',
  conversation: { kind: 'resume', id: ID },
  trustWorkspace: false,
  credential: { kind: 'api_key', secret: 'sk-ant-x' },
  configDir: '/data/claude',
  baseUrl: 'http://127.0.0.1:1/',
};
const subagent = { name: 'helper', description: '', prompt: '' };

describe('the specification of a run', () => {
  it('is accepted when all is well', async () => {
    expect(await findSpecProblem(good, host)).toBeNull();
  });

  it.each<[string, Partial<RunSpec>, string]>([
    ['a run id that is no UUID', { runId: '--help' }, 'invalid_request'],
    [
      'a session id that is an option',
      { conversation: { kind: 'resume', id: '--dangerous' } },
      'invalid_request',
    ],
    ['a fork of no UUID', { conversation: { kind: 'fork', id: ID, from: '../x' } }, 'invalid_request'],
    ['an empty prompt', { prompt: ' \n' }, 'invalid_request'],
    ['a limit of no turns', { maxTurns: 0 }, 'invalid_request'],
    ['a cost limit that is no number', { maxBudgetUsd: NaN }, 'invalid_request'],
    ['an address that is no URL', { baseUrl: 'file:///etc/passwd' }, 'invalid_request'],
    ['an empty credential', { credential: { kind: 'api_key', secret: '' } }, 'auth_failed'],
    ['a credential of two lines', { credential: { kind: 'api_key', secret: 'a\nb' } }, 'auth_failed'],
    ['another config dir', { configDir: '/elsewhere' }, 'not_startable'],
    ['a model that is an option', { model: '--settings=x' }, 'agent_invalid'],
    ['a tool that is an option', { allowedTools: ['--x'] }, 'agent_invalid'],
    ['a tool that smuggles in another', { disallowedTools: ['Read,Bash'] }, 'agent_invalid'],
    ['a subagent with a bad name', { subagents: [{ ...subagent, name: 'a b' }] }, 'agent_invalid'],
    ['a subagent with a bad model', { subagents: [{ ...subagent, model: ' ' }] }, 'agent_invalid'],
    ['bypassPermissions as root', { permissionMode: 'bypassPermissions' }, 'agent_invalid'],
    ['a workspace that is not there', { workspaceDir: '/no/such/folder' }, 'workspace_missing'],
    ['a plugin folder that is not there', { pluginDirs: ['/no/such/folder'] }, 'agent_invalid'],
  ])('is refused for %s', async (_what, change, failure) => {
    expect(await findSpecProblem({ ...good, ...change }, host)).toMatchObject({ failure });
  });

  it('may bypass permissions as root in a sandbox, and as anybody else', async () => {
    const bypass: RunSpec = { ...good, permissionMode: 'bypassPermissions' };
    expect(await findSpecProblem(bypass, { ...host, isSandbox: true })).toBeNull();
    expect(await findSpecProblem(bypass, { ...host, isRoot: false })).toBeNull();
  });
});
