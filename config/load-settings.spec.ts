import { describe, expect, it } from '@jest/globals';
import { loadSettings, SettingsError } from './load-settings.js';

function mistakesOf(env: Record<string, string>): string[] {
  try {
    loadSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('loadSettings', () => {
  it('needs nothing', () => {
    expect(loadSettings({})).toMatchObject({ host: '127.0.0.1', port: 8000, role: 'all', redis: null });
  });

  it('treats an empty variable as absent', () => {
    expect(loadSettings({ PORT: '', REDIS_URL: ' ' })).toMatchObject({ port: 8000, redis: null });
  });

  it('reports all mistakes together, each with the name of its variable', () => {
    const mistakes = mistakesOf({
      PORT: 'http',
      DATABASE_URL: 'mysql://x/y',
      REDIS_URL: 'localhost',
      LOG_LEVEL: 'loud',
    });
    expect(mistakes.map((mistake) => mistake.split(':')[0])).toEqual([
      'PORT',
      'DATABASE_URL',
      'REDIS_URL',
      'LOG_LEVEL',
    ]);
  });

  it('refuses a worker of its own on SQLite and says what to set', () => {
    expect(mistakesOf({ ROLE: 'worker', REDIS_URL: 'redis://h' }).join()).toContain(
      'DATABASE_URL=postgres://',
    );
    expect(
      mistakesOf({ ROLE: 'worker', REDIS_URL: 'redis://h', DATABASE_URL: 'postgres://u:p@h/db' }),
    ).toEqual([]);
  });

  it('refuses separate processes without a shared queue', () => {
    expect(mistakesOf({ ROLE: 'api', DATABASE_URL: 'postgres://u:p@h/db' }).join()).toContain('REDIS_URL=');
  });

  it('never shows the value of a secret', () => {
    expect(mistakesOf({ ANTHROPIC_API_KEY: `sk-ant-${'x'.repeat(5000)}` }).join()).not.toContain('sk-ant');
  });

  it('refuses a webhook secret that could be guessed, without repeating it', () => {
    const mistakes = mistakesOf({ GITHUB_WEBHOOK_SECRET: 'hunter2', JIRA_EMAIL: 'nobody' }).join();
    expect(mistakes).toContain('GITHUB_WEBHOOK_SECRET');
    expect(mistakes).toContain('JIRA_EMAIL: must be an e-mail address');
    expect(mistakes).not.toContain('hunter2');
  });
});
