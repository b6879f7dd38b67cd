import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error setup is plain JavaScript: it runs before anything is installed
import { labEnvironment, labPython } from '../../src/setup/lab-environment.js';
import { startBrowser } from '../figures/chromium.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Below the root, so that the kernel finds the module; a copy, since JupyterLab saves what it opens. */
const folder = join(root, 'runs/lab-test');
/** Where pictures of what was seen are kept, if anywhere. */
const looks = process.env.MOON_LOOK;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function answers(url: string): Promise<void> {
  for (;;) {
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

describe('01-quickstart in JupyterLab', { tags: ['built', 'browser', 'lab'] }, () => {
  let lab: ChildProcess;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(root, 'notebooks/01-quickstart.ipynb'), join(folder, '01-quickstart.ipynb'));
    // Cells out of sight are hidden otherwise, and nothing scrolls to what is hidden.
    const settings = join(folder, '.settings');
    for (const [name, values] of Object.entries({
      'notebook-extension/tracker': { windowingMode: 'none' },
      'apputils-extension/notification': { fetchNews: 'false' },
    })) {
      const file = join(settings, '@jupyterlab', `${name}.jupyterlab-settings`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(values));
    }
    const port = await freePort();
    const flags = [
      '--no-browser',
      '--allow-root',
      `--port=${port}`,
      '--IdentityProvider.token=',
      '--LabApp.expose_app_in_browser=True',
    ];
    lab = spawn(labPython, ['-m', 'jupyterlab', '--notebook-dir', folder, ...flags], {
      stdio: 'ignore',
      env: { ...labEnvironment, JUPYTERLAB_SETTINGS_DIR: settings, MOON_STEPS: '2', MOON_PICTURES: 'none' },
    });
    browser = await startBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await answers(`http://127.0.0.1:${port}/api`);
    await page.goto(`http://127.0.0.1:${port}/lab/tree/01-quickstart.ipynb?reset`);
    await page.locator('.jp-Notebook .jp-CodeCell').first().waitFor({ timeout: 120_000 });
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    // It takes its kernels with it, given the time.
    const ended = new Promise((resolve) => lab.on('exit', resolve));
    lab.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const look = async (name: string) => {
    if (looks) await page.screenshot({ path: join(looks, `${name}.png`) });
  };

  it('runs from the first cell to the last, and a point of its map shows its thumbnail', {
    timeout: 600_000,
  }, async () => {
    await page.waitForFunction(`'jupyterapp' in window`);
    // Asked to run before the kernel is there, JupyterLab asks back which one it should be.
    await page.getByText('TypeScript (moon-lab) | Idle').waitFor({ timeout: 120_000 });
    await page.evaluate(`window.jupyterapp.commands.execute('notebook:run-all-cells')`);
    const drawn = page.locator('.moon-figure[data-moon-drawn="true"]');
    await drawn.nth(1).waitFor({ state: 'attached', timeout: 500_000 });
    await page.locator('.jp-OutputArea .card').first().waitFor({ state: 'attached', timeout: 100_000 });
    const errors = page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]');
    expect(await errors.allInnerTexts()).toEqual([]);

    const map = drawn.nth(1);
    await map.scrollIntoViewIfNeeded();
    await look('lab-map');
    const point = map.locator('.scatterlayer .points path').first();
    await point.scrollIntoViewIfNeeded();
    const box = (await point.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 5 });
    const thumbnail = page.locator('img.moon-thumbnail');
    await thumbnail.waitFor({ timeout: 20_000 });
    expect(
      await thumbnail.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
    ).toBeGreaterThan(20);
    await look('lab-hover');
    await drawn.first().scrollIntoViewIfNeeded();
    await look('lab-curve');
    await page.locator('.jp-OutputArea .card').first().scrollIntoViewIfNeeded();
    await look('lab-cases');
  });
});
