import { describe, expect, it } from '@jest/globals';
import type { Logger } from 'pino';
import { createLogger } from './create-logger.js';
import { NestLogger } from './nest-logger.js';

async function collecting(): Promise<{ logger: Logger; lines: string[] }> {
  const lines: string[] = [];
  const logger = await createLogger(
    { logLevel: 'debug', logJson: true, machineId: 'm1' },
    { write: (line) => void lines.push(line) },
  );
  return { logger, lines };
}

describe('the log', () => {
  it('shows no secret, wherever it stands', async () => {
    const { logger, lines } = await collecting();
    const key = `cca_${'k'.repeat(43)}`;
    logger.info(
      { headers: { authorization: `Bearer ${key}`, cookie: 'cca_login=x' }, api_key: 'plain-secret' },
      'a',
    );
    logger.error(new Error(`refused ${key}`));
    logger.info(`GET /api/me?key=${key}`);
    expect(lines.join('')).not.toMatch(/kkkkk|plain-secret|cca_login=x/);
    expect(lines.join('')).toContain('[redacted]');
  });

  it('keeps line breaks of messages inside the line', async () => {
    const { logger, lines } = await collecting();
    logger.info('one\r\n{"level":"fatal"}');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toContain('\n');
  });

  it("understands the ways in which Nest's logger is called", async () => {
    const { logger, lines } = await collecting();
    const nest = new NestLogger(logger);
    nest.warn({ taskId: 't1', err: new Error('cause') }, 'in words', 'Context');
    nest.error('in words', 'Error: x\n  at y', 'Context');
    nest.error(new Error('alone'), 'Context');
    nest.log('Mapped {/x, GET} route', 'RouterExplorer');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'warn', context: 'Context', taskId: 't1', err: { message: 'cause' }, msg: 'in words' },
      { level: 'error', context: 'Context', stack: 'Error: x\n  at y', msg: 'in words' },
      { level: 'error', context: 'Context', err: { message: 'alone' } },
      { level: 'debug', context: 'RouterExplorer' },
    ]);
  });
});
