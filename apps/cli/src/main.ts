#!/usr/bin/env node
import { CommanderError } from 'commander';
import { explainFailure } from './explain-failure.js';
import { createProgram } from './program.js';

// `claude-agent task list | head` closes our output early: that is no mistake.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await createProgram().parseAsync();
} catch (error) {
  // Commander has told its own mistakes already.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  const { message, exitCode } = explainFailure(error);
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}
