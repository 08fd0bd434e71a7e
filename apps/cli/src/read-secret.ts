import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CliError } from './cli-error.js';

const MAX_CHARS = 100_000;

/** From a pipe, or asked for without showing it. Never from the arguments: other users can list those. */
export async function readSecret(question: string): Promise<string> {
  const secret = (process.stdin.isTTY ? await ask(question) : await readPipe()).trim();
  if (secret === '') throw new CliError('Nothing was given. Type the secret, or pipe it in: `… < file`.', 2);
  return secret;
}

async function readPipe(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > MAX_CHARS) throw new CliError('That is too long to be a key or token.', 2);
  }
  return text;
}

async function ask(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  const given = new AbortController();
  lines.once('SIGINT', () => given.abort());
  process.stderr.write(`${question}: `);
  try {
    return await lines.question('', { signal: given.signal });
  } catch {
    throw new CliError('', 130);
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
