import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { embeddingMap, type MapPoint } from '../../src/figures/maps/embedding-map.js';
import { figureHtml, figureLoader } from '../../src/figures/page/browser.js';
import { escapeJson } from '../../src/figures/page/escape.js';
import { startBrowser } from './chromium.js';
import { pixel } from './samples.js';

/** A page with an address, as a notebook has one, and nothing behind it. */
const home = 'http://notebook.test/';

const long = 'Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft';
const points: MapPoint[] = [0, 1, 2, 3].map((at) => ({
  x: at % 2,
  y: at >> 1,
  label: at ? `product ${at}` : long,
  group: 'one',
  thumbnail: pixel,
}));
const flat = embeddingMap(points, { title: 'Flat' });
const deep = embeddingMap(
  points.map((point, at) => ({ ...point, z: at % 3 })),
  { title: 'In space' },
);

describe('a notebook page', { tags: ['browser'], timeout: 300_000 }, () => {
  let browser: Browser;
  let page: Page;
  let body = '';
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());
  afterEach(() => page.context().close());

  /** Loads a page with these outputs; the address answers with them again when it is reloaded. */
  async function open(outputs: string[]): Promise<void> {
    body = `<!doctype html><body>${outputs.join('')}</body>`;
    page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
    await page.route('**', (route) =>
      route.request().url() === home ? route.fulfill({ contentType: 'text/html', body }) : route.abort(),
    );
    await page.goto(home);
  }
  const drawn = () => page.locator('[data-moon-drawn]').first().waitFor({ timeout: 120_000 });

  it('shows the thumbnail of a point in space beside the pointer', async () => {
    await open([figureLoader(), figureHtml(deep, 'deep')]);
    await drawn();
    const box = (await page.locator('#deep .moon-plot').boundingBox())!;
    const image = page.locator('img.moon-thumbnail');
    // Where its points stand only WebGL knows: the pointer goes over the scene until it meets one.
    let met: { x: number; y: number } | undefined;
    for (let y = 0.2; y < 0.9 && !met; y += 0.01)
      for (let x = 0.15; x < 0.85 && !met; x += 0.01) {
        const at = { x: box.x + x * box.width, y: box.y + y * box.height };
        await page.mouse.move(at.x, at.y);
        if (await image.count()) met = at;
      }
    const shown = (await image.boundingBox())!;
    expect(shown.width).toBeGreaterThan(20);
    expect(Math.abs(shown.x + 72 - met!.x)).toBeLessThan(90);
    expect(Math.abs(shown.y - met!.y)).toBeLessThan(200);
  });

  it('finds a word that is longer than a line of the hover label', async () => {
    await open([figureLoader(), figureHtml(flat, 'flat')]);
    await drawn();
    await page.locator('input').fill(long.toLowerCase());
    await expect.poll(() => page.locator('output').textContent()).toBe('1 of 4');
  });

  it('gives the plot that a live figure replaces back', async () => {
    await open([figureLoader(), `<div id="cell">${figureHtml(deep, 'first', 'live')}</div>`]);
    await drawn();
    await page.evaluate(`window.before = document.querySelector('#first .moon-plot')`);
    expect(await page.evaluate(`Boolean(before._fullLayout)`)).toBe(true);
    // As JupyterLab does: the old output goes, the scripts of the new one run.
    await page.evaluate(`(function (html) {
      var cell = document.getElementById('cell');
      cell.innerHTML = html;
      cell.querySelectorAll('script').forEach(function (old) {
        var script = document.createElement('script');
        script.textContent = old.textContent;
        old.replaceWith(script);
      });
    })(${escapeJson(figureHtml(deep, 'second', 'live'))})`);
    await page.locator('#second[data-moon-drawn]').waitFor({ timeout: 60_000 });
    expect(await page.evaluate(`Boolean(before._fullLayout)`)).toBe(false);
  });

  it('draws when the output that brought plotly is gone', async () => {
    await open([figureLoader(), figureHtml(flat, 'flat')]);
    await drawn();
    body = `<!doctype html><body>${figureHtml(flat, 'again')}</body>`;
    await page.reload();
    await page.locator('#again[data-moon-drawn]').waitFor({ timeout: 60_000 });
  });
});
