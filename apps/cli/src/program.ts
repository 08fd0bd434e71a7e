import { Command } from 'commander';
import { Paths, serviceVersion } from '@app/paths';
import { addAgents } from './commands/agents.js';
import { addBackup } from './commands/backup.js';
import { addCredentials } from './commands/credentials.js';
import { addDemo } from './commands/demo.js';
import { addDoctor } from './commands/doctor.js';
import { addImport } from './commands/import.js';
import { addKeys } from './commands/keys.js';
import { addSkills } from './commands/skills.js';
import { addServe } from './commands/serve.js';
import { addStorage } from './commands/storage.js';
import { addTask } from './commands/task.js';
import { addWorker } from './commands/worker.js';
import { addWorkers } from './commands/workers.js';

const COMMANDS = [
  ...[addServe, addWorker, addDemo, addTask, addKeys],
  ...[addCredentials, addAgents, addSkills, addWorkers, addBackup, addStorage, addImport, addDoctor],
];

/** The commands, one file each in `commands/`. */
export function createProgram(): Command {
  const program = new Command('claude-agent')
    .description('Run Claude Code as durable background workers.')
    .version(serviceVersion(new Paths({ appDir: null, dataDir: '.' })))
    .option('--url <address>', 'address of the server (else CLAUDE_AGENT_URL, else this machine)')
    .option('--key <key>', 'API key (else CLAUDE_AGENT_KEY, else DATA_DIR/credentials/admin.key)')
    .showHelpAfterError('(run with --help to see what there is)')
    .exitOverride();
  for (const add of COMMANDS) add(program);
  return program;
}
