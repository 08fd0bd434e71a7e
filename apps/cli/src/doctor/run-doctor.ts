import pc from 'picocolors';
import { Logger } from '@nestjs/common';
import { loadSettings, SettingsError, type ClientSettings, type Settings } from '@app/config';
import { readAdminKey } from '../client/connect.js';
import { stripControls } from '../render/strip-controls.js';
import { fail, ok, type Finding } from './finding.js';
import { checkClaude, checkNode } from './check-programs.js';
import { checkStorage } from './check-storage.js';
import { askServer, checkCredential, checkServer, checkServerPort, checkWorkers } from './check-server.js';

/** Prints one line per check, each with what to do. Returns the exit code: 1 when one failed. */
export async function runDoctor(client: ClientSettings): Promise<number> {
  Logger.overrideLogger(false);
  const findings: Finding[] = [];
  const report = (finding: Finding): void => {
    findings.push(finding);
    process.stdout.write(
      `${LABEL[finding.level]}  ${finding.name.padEnd(14)} ${stripControls(finding.text)}\n`,
    );
  };
  report(checkNode(process.versions.node));
  const settings = readSettings(report);
  const server = await askServer(client.url, client.key ?? (await readAdminKey(client.dataDir)));
  if (settings) {
    report(await checkClaude(settings));
    for (const finding of await checkStorage(settings)) report(finding);
    report(await checkServerPort(settings, server));
    report(await checkCredential(settings, server));
  }
  report(checkServer(client.url, server));
  const workers = checkWorkers(server);
  if (workers) report(workers);
  return findings.some(({ level }) => level === 'fail') ? 1 : 0;
}

const LABEL = { ok: pc.green('ok  '), warn: pc.yellow('warn'), fail: pc.red('fail') };

function readSettings(report: (finding: Finding) => void): Settings | null {
  try {
    const settings = loadSettings();
    report(ok('settings', 'all readable'));
    return settings;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const mistake of error.mistakes) report(fail('settings', mistake));
    return null;
  }
}
