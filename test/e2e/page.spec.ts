import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { startOfflineModel, type OfflineModel } from '@app/engines';
import { findProgram, Service } from '../support/index.js';

const LIMIT_MS = 60_000;
const ATTACK = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

describe('the page', () => {
  let model: OfflineModel;
  let service: Service;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let foreign: string[];
  let broken: string[];

  beforeAll(async () => {
    model = await startOfflineModel();
    service = await Service.start({ ANTHROPIC_API_KEY: model.apiKey, ANTHROPIC_BASE_URL: model.url });
    browser = await chromium.launch({
      executablePath: await findProgram('chromium'),
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
  }, LIMIT_MS);

  afterAll(async () => {
    await browser?.close();
    await service?.end();
    await model?.close();
  }, LIMIT_MS);

  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
    foreign = [];
    broken = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(service.url)) foreign.push(request.url());
    });
    page.on('pageerror', (error) => broken.push(error.message));
  });

  afterEach(async () => {
    await context.close();
    expect(foreign).toEqual([]);
    expect(broken).toEqual([]);
  });

  const signIn = async (): Promise<void> => {
    await page.goto(`${service.url}/#key=${service.key}`);
    await page.getByText('Live', { exact: true }).waitFor();
  };

  const start = async (prompt: string): Promise<void> => {
    await page.getByLabel('New task').fill(prompt);
    await page.getByLabel('New task').press('Control+Enter');
  };

  const output = () => page.getByRole('log');
  const ended = (word: string) => page.locator('.head').getByText(word, { exact: true }).waitFor();

  it(
    'signs in by the link, shows a task while it writes, and the same text after a reload',
    async () => {
      await signIn();
      expect(page.url()).toBe(`${service.url}/`);

      await start('SCENARIO:deltas[120@40] Count, please');
      await output().getByText('token token').waitFor();
      await page.locator('.head').getByText('Running', { exact: true }).waitFor();
      const early = (await output().locator('.text').innerText()).length;
      await ended('Completed');
      const whole = await output().locator('.text').innerText();
      expect(whole.trim().split(' ')).toHaveLength(120);
      expect(early).toBeLessThan(whole.length);

      await page.reload();
      await ended('Completed');
      await output().getByText('Cost').waitFor();
      expect(await output().locator('.text').innerText()).toBe(whole);
      expect(await page.locator('#tasks li').first().innerText()).toContain('Completed');
    },
    LIMIT_MS,
  );

  it(
    'misses and repeats nothing when the connection breaks while a task writes',
    async () => {
      await signIn();
      await start('SCENARIO:deltas[200@40] Count, please');
      await output().getByText('token token').waitFor();
      await service.end('SIGKILL').then(() => service.launch());
      await page.getByText('Live', { exact: true }).waitFor();
      const [task] = (
        (await service.call('GET', '/api/tasks?limit=1')).body as { items: { task_id: string }[] }
      ).items;
      await service.finished(task?.task_id ?? '');
      await output().locator('.end').waitFor();
      const live = await output().innerText();

      await page.reload();
      await output().locator('.end').waitFor();
      expect(await output().innerText()).toBe(live);
    },
    LIMIT_MS,
  );

  it(
    'goes on with the session of a finished task',
    async () => {
      await signIn();
      await start('SCENARIO:tooluse Write a file');
      await ended('Completed');
      const tools = output().locator('summary', { has: page.locator('b') });
      expect(await tools.allInnerTexts()).toEqual([
        expect.stringMatching(/^Write\s+.*hello\.txt\s+done/),
        expect.stringMatching(/^Bash\s+cat hello\.txt && ls\s+done/),
      ]);

      await page.getByLabel('Go on in the same session').fill('SCENARIO:recall What did I say?');
      await page.locator('.foot').getByRole('button', { name: 'Start' }).click();
      await output().getByText('I remember 1 earlier prompts.').waitFor();
    },
    LIMIT_MS,
  );

  it(
    'says why a task failed and what to do about it',
    async () => {
      await signIn();
      await start('SCENARIO:e401 Fail, please');
      await output().getByText('Claude refused the credential').waitFor();
      await output().getByText('Replace the key or token').waitFor();
    },
    LIMIT_MS,
  );

  it(
    'shows code in a prompt or an answer as text and runs none of it',
    async () => {
      await signIn();
      await start(`SCENARIO:echo ${ATTACK}`);
      await ended('Completed');
      expect(await output().locator('.text').innerText()).toContain(ATTACK);
      expect(await page.locator('#app img, #app script').count()).toBe(0);
      expect(await page.evaluate('window.hacked')).toBeUndefined();
    },
    LIMIT_MS,
  );

  it('asks for a key when there is none or a wrong one, and after logging out', async () => {
    await page.goto(`${service.url}/#key=wrong`);
    expect(await page.getByRole('alert').innerText()).not.toBe('');
    await page.getByLabel('Access key').fill(service.key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.reload();
    await page.getByLabel('Access key').waitFor();
  }, 30_000);
});
