import type { NestExpressApplication } from '@nestjs/platform-express';
import { FirstKey } from '@app/auth';
import type { Settings } from '@app/config';
import { CredentialList } from '@app/credentials';
import type { ExecutionParts } from '@app/execution';
import { Paths } from '@app/paths';
import { assertDataDirWritable, enterDataFolder } from '@app/storage';
import { createApp } from './create-app.js';
import { checkPort } from './start/check-port.js';
import type { Endable } from '../../worker/src/start/end-on-signals.js';
import { endFailedStart, StartedParts } from '../../worker/src/start/started-parts.js';
import { endOf } from './start/end-server.js';
import { explainStartFailure } from './start/explain-start-failure.js';
import { serverUrl } from './start/server-url.js';

export interface RunningServer extends Endable {
  /** Where a person on this machine reaches it, with the real port and without a slash at the end. */
  url: string;
  /** The admin key, when this start had to make or adopt one: whoever starts the server shows it, once. */
  firstKey: string | null;
  app: NestExpressApplication;
}

export interface StartOptions extends ExecutionParts {
  /** Where the address and the first key are shown; by default the standard output, and never a log. */
  print?: (text: string) => void;
}

/** Throws `StartError`, whose message is for the person at the terminal, for what can be wrong with a machine. */
export async function startServer(settings: Settings, options: StartOptions = {}): Promise<RunningServer> {
  const print = options.print ?? ((text) => process.stdout.write(`${text}\n`));
  const parts = new StartedParts();
  let app: NestExpressApplication | undefined;
  let place: Awaited<ReturnType<typeof enterDataFolder>> | undefined;
  try {
    await assertDataDirWritable(new Paths(settings));
    // Before the database: a restore that was killed may have left it half replaced.
    place = await enterDataFolder(settings);
    // Before anything is opened: a second server on the same data must not even begin to work on its tasks.
    await checkPort(settings);
    app = await createApp(settings, options, parts);
    await app.listen(settings.port, settings.host);
    const { url, shown } = serverUrl(settings, app.getHttpServer());
    // After listening, because a key that was made by a start that failed would never be shown.
    const firstKey = await app.get(FirstKey).ensure();
    print(`Claude Code Agent is ready: ${shown}`);
    if (firstKey !== null) print(welcome(shown, firstKey));
    if (!(await hasClaudeCredential(app))) print(NO_CREDENTIAL);
    const running = app;
    const entered = place;
    const end = endOf(running);
    const close = async (options?: Parameters<Endable['close']>[0]): Promise<void> => {
      await end.close(options);
      await entered.release();
    };
    return { url, firstKey, app, ...end, close };
  } catch (error) {
    await endFailedStart(app ?? parts, place);
    throw explainStartFailure(error, settings) ?? error;
  }
}

const NO_CREDENTIAL =
  'No Claude credential is stored yet: tasks will fail until you store one with `claude-agent credentials set`, ' +
  'POST /api/credentials or on the page, or set ANTHROPIC_API_KEY.';

/** One that cannot be decrypted is there: readiness and each task say what is wrong with it. */
async function hasClaudeCredential(app: NestExpressApplication): Promise<boolean> {
  const known = await app.get(CredentialList, { strict: false }).all();
  return known.some(({ provider }) => provider === 'claude');
}

function welcome(url: string, key: string): string {
  return [
    '',
    'This is the first start. To log in as administrator, open this link; it is shown only now:',
    '',
    `  ${url}/#key=${key}`,
    '',
    'The key is kept in DATA_DIR/credentials/admin.key.',
    '',
  ].join('\n');
}
