import { InvalidArgumentError, Option, type Command } from 'commander';
import type { CredentialShape, PageShape } from '@app/contracts';
import { connect } from '../client/connect.js';
import { readSecret } from '../read-secret.js';
import { toJsonLine } from '../render/strip-controls.js';
import { table } from '../render/table.js';
import { CliError } from '../cli-error.js';
import { verifyCredentials } from './credential-verify.js';

const PROVIDERS = ['claude', 'github', 'jira'];
const NAMES: Readonly<Record<string, string>> = { claude: 'Claude', github: 'GitHub', jira: 'Jira' };

const NEXT: Readonly<Record<string, string>> = {
  claude: 'Tasks that start from now on use it.',
  github: 'Check it with `claude-agent credentials verify github`.',
  jira: 'Check it with `claude-agent credentials verify jira`.',
};
const SECRET_ELSEWHERE =
  'A secret is never an argument, which other users could read: run `claude-agent credentials set` and type it when asked, or pipe it in.';

interface SetOptions {
  label?: string;
  priority?: number;
  email?: string;
}

export function addCredentials(program: Command): void {
  const credentials = program
    .command('credentials')
    .description('what tasks log in to Claude with, and the service to GitHub and Jira');
  credentials
    .command('set')
    .description('store an API key, a subscription token (sk-ant-oat…) or a token; asked for or piped in')
    .argument('[provider]', PROVIDERS.join(', '), 'claude')
    // A secret that somebody typed behind it gets an answer that helps, and is not repeated.
    .allowExcessArguments()
    .option('--label <label>', 'one of several; the one of the same label is replaced (else default)')
    .addOption(
      new Option('--priority <number>', 'higher is used first, the same takes turns').argParser(wholeNumber),
    )
    .option('--email <address>', 'the account that a token of Jira Cloud belongs to')
    .action(async (provider: string, options: SetOptions, command: Command) => {
      if (command.args.length > 1) throw new CliError(SECRET_ELSEWHERE, 2);
      assertProvider(provider);
      const client = await connect(command);
      const secret = await readSecret(`${NAMES[provider] ?? provider} API key or token`);
      const stored = await client.post<CredentialShape>('/api/credentials', {
        provider,
        ...options,
        [kindOf(provider, secret)]: secret,
      });
      process.stdout.write(
        `Stored ${stored.kind} ${stored.masked} as ${stored.provider}/${stored.label}. ${NEXT[stored.provider] ?? ''}\n`,
      );
    });
  credentials
    .command('list')
    .description('list them, masked, in the order of use')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const { items } = await (await connect(command)).get<PageShape<CredentialShape>>('/api/credentials');
      if (json) process.stdout.write(toJsonLine(items));
      else if (items.length === 0) {
        process.stdout.write('None. Store one with `claude-agent credentials set`.\n');
      } else process.stdout.write(table(HEADINGS, items.map(rowOf)));
    });
  credentials
    .command('remove')
    .description('delete a stored one')
    .argument('<provider>', PROVIDERS.join(', '))
    .argument('[label]', 'which of several', 'default')
    .action(async (provider: string, label: string, _options: object, command: Command) => {
      assertProvider(provider);
      const client = await connect(command);
      await client.delete(`/api/credentials/${encodeURIComponent(provider)}/${encodeURIComponent(label)}`);
      process.stdout.write(`Removed ${provider}/${label}.\n`);
    });
  credentials
    .command('verify')
    .description('ask the provider about one, or about all; ends with 1 unless all are valid')
    .argument('[provider]', PROVIDERS.join(', '))
    .argument('[label]', 'which of several')
    .option('--json', 'as JSON')
    .action(
      async (
        provider: string | undefined,
        label: string | undefined,
        { json }: { json?: boolean },
        command: Command,
      ) => {
        if (provider !== undefined) assertProvider(provider);
        process.exitCode = await verifyCredentials(await connect(command), { provider, label, json });
      },
    );
}

const HEADINGS = [
  ...['PROVIDER', 'LABEL', 'KIND', 'SECRET', 'SOURCE', 'PRIORITY', 'STATUS'],
  ...['LIMITED UNTIL', 'LAST USED', 'LAST VERIFIED'],
];

function rowOf(item: CredentialShape): (string | null)[] {
  return [
    ...[item.provider, item.label, item.kind, item.masked, item.source, String(item.priority), item.status],
    ...[item.limited_until, item.last_used_at, item.last_verified_at],
  ];
}

/** What was given is not repeated: it may be a secret that somebody typed here. */
function assertProvider(given: string): void {
  if (!PROVIDERS.includes(given)) {
    throw new CliError(`The provider is one of ${PROVIDERS.join(', ')}. ${SECRET_ELSEWHERE}`, 2);
  }
}

function kindOf(provider: string, secret: string): 'api_key' | 'oauth_token' | 'token' {
  if (provider !== 'claude') return 'token';
  return secret.startsWith('sk-ant-oat') ? 'oauth_token' : 'api_key';
}

function wholeNumber(text: string): number {
  if (!/^-?\d{1,3}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.');
  return Number(text);
}
