import { SettingsError } from '@app/config';
import { AppError } from '@app/contracts';
import { CliError } from './cli-error.js';
import { stripControls } from './render/strip-controls.js';

/** The start errors of the server and the worker, known by name: their modules are loaded only when they run. */
const FOR_PEOPLE = new Set(['StartError', 'WorkerStartError', 'DataDirError']);

/** One message for every end that is not a success; never a stack. */
export function explainFailure(error: unknown): { message: string; exitCode: number } {
  if (error instanceof CliError) return { message: stripControls(error.message), exitCode: error.exitCode };
  if (error instanceof SettingsError) return { message: error.message, exitCode: 2 };
  if (!(error instanceof Error)) return { message: 'Something unexpected happened.', exitCode: 1 };
  if (error instanceof AppError) return { message: `${error.code}: ${error.message}`, exitCode: 1 };
  if (FOR_PEOPLE.has(error.name)) return { message: error.message, exitCode: 1 };
  return {
    message: `Something unexpected happened: ${stripControls(error.message)}\nPlease report it with the command you ran.`,
    exitCode: 1,
  };
}
