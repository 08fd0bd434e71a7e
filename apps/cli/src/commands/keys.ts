import { Option, type Command } from 'commander';
import { ROLES, type ApiKeyShape, type PageShape } from '@app/contracts';
import { connect } from '../client/connect.js';
import { toJsonLine } from '../render/strip-controls.js';
import { table } from '../render/table.js';

export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('API keys: who may use the server; and the keys that credentials are encrypted with');
  keys
    .command('create')
    .description('make a key; it is shown once, alone on the standard output')
    .argument('<name>', 'who or what will use it')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).default('operator'))
    .option('--expires <instant>', 'when it stops working, such as 2027-01-31T00:00:00Z')
    .action(async (name: string, { role, expires }: { role: string; expires?: string }, command: Command) => {
      const client = await connect(command);
      const made = await client.post<ApiKeyShape & { key: string }>('/api/keys', {
        name,
        role,
        ...(expires === undefined ? {} : { expires_at: expires }),
      });
      process.stderr.write(`Key ${made.key_id} (${made.role}). Keep it now; it cannot be shown again:\n`);
      process.stdout.write(`${made.key}\n`);
    });
  keys
    .command('list')
    .description('list the keys, newest first')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const { items } = await (await connect(command)).get<PageShape<ApiKeyShape>>('/api/keys?limit=200');
      process.stdout.write(
        json
          ? toJsonLine(items)
          : table(
              ['KEY ID', 'NAME', 'ROLE', 'ENDS IN', 'LAST USED', 'STATE'],
              items.map((key) => [
                key.key_id,
                key.name,
                key.role,
                key.key_tail,
                key.last_used_at,
                stateOf(key),
              ]),
            ),
      );
    });
  keys
    .command('revoke')
    .description('make a key and all logins made from it useless at once')
    .argument('<key-id>', 'as `keys list` shows it')
    .action(async (keyId: string, _options: object, command: Command) => {
      await (await connect(command)).delete(`/api/keys/${encodeURIComponent(keyId)}`);
      process.stdout.write(`Revoked ${keyId}.\n`);
    });
  addKeyChanges(keys);
}

/** On this machine's data folder (DATA_DIR), whether the server runs or not. */
function addKeyChanges(keys: Command): void {
  keys
    .command('rotate')
    .description('make a new master key the current one; old ones still open what they encrypted')
    .action(async () => {
      const { rotateKeys } = await import('../keys/change-keys.js');
      await rotateKeys();
    });
  keys
    .command('rewrap')
    .description('encrypt all stored credentials anew; then the old keys may go')
    .option('--drop-old', 'also forget the old keys: backups from before then need a copy of them')
    .action(async ({ dropOld }: { dropOld?: boolean }) => {
      const { rewrapKeys } = await import('../keys/change-keys.js');
      process.exitCode = await rewrapKeys({ dropOld: dropOld ?? false });
    });
}

function stateOf(key: ApiKeyShape): string {
  if (key.revoked_at !== null) return 'revoked';
  if (key.expires_at === null) return 'valid';
  return Date.parse(key.expires_at) > Date.now() ? `until ${key.expires_at}` : 'expired';
}
