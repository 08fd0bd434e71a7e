import type { CredentialShape, PageShape } from '@app/contracts';
import type { Command } from 'commander';
import { connect } from '../client/connect.js';
import { readSecret } from '../read-secret.js';
import { toJsonLine } from '../render/strip-controls.js';
import { table } from '../render/table.js';

export function addCredentials(program: Command): void {
  const credentials = program.command('credentials').description('what tasks log in to Claude with');
  credentials
    .command('set')
    .description(
      'store an API key (sk-ant-api…) or a subscription token (sk-ant-oat…), asked for or piped in',
    )
    .action(async (_options: object, command: Command) => {
      const client = await connect(command);
      const secret = await readSecret('Claude API key or token');
      const body = secret.startsWith('sk-ant-oat') ? { oauth_token: secret } : { api_key: secret };
      const stored = await client.post<CredentialShape>('/api/credentials', body);
      process.stdout.write(`Stored ${stored.kind} ${stored.masked}. Tasks that start from now on use it.\n`);
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
      } else {
        process.stdout.write(
          table(
            ['PROVIDER', 'KIND', 'SECRET', 'SOURCE', 'STATUS'],
            items.map((item) => [item.provider, item.kind, item.masked, item.source, item.status]),
          ),
        );
      }
    });
}
