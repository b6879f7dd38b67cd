import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { runReport } from '../../src/cli/run-report.js';
import { writePage } from '../../src/figures/page/write-page.js';
import * as moon from '../../src/index.js';
import { startBrowser } from './chromium.js';
import { evil } from './samples.js';

it("a run's report of products with hostile titles opens from disk with the network off, and shows them as text", {
  tags: ['browser'],
  timeout: 300_000,
}, async () => {
  const made = moon.generateShop({ products: 24, imageSize: 32, views: 1, trainQueries: 60, evaluationQueries: 6 });
  const products = made.products.map((product) => ({
    ...product,
    title: evil,
    category: [evil, ...product.category],
  }));
  const shop = { ...made, products };
  const network = { size: 'nano', vocabulary: 300, stem: { kind: 'patch' } } as const;
  const { encoder, pixels, found } = await moon.prepare({ ...moon.grocery, network, imageSize: 32 }, shop);
  const result = await moon.retrieval(encoder, shop, pixels, { split: 'val' });
  const html = await runReport(evil, {
    encoder,
    catalogue: shop,
    pixels,
    found,
    records: new Map(),
    result,
    split: 'val',
  });
  const folder = mkdtempSync(join(tmpdir(), 'moon-report-'));
  const browser = await startBrowser();
  try {
    const file = join(folder, 'report.html');
    writePage(file, html);
    const page = await (await browser.newContext({ offline: true })).newPage();
    const wrongs: string[] = [];
    page.on('pageerror', (error) => wrongs.push(error.message));
    page.on('dialog', (dialog) => {
      wrongs.push(dialog.message());
      dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!/^(file|data|blob):/.test(request.url())) wrongs.push(request.url());
    });
    await page.goto(pathToFileURL(file).href);
    await page.locator('.moon-figure[data-moon-drawn]').nth(2).waitFor({ timeout: 120_000 });
    expect(await page.locator('h1').textContent()).toBe(evil);
    expect(await page.locator('.card .title').first().textContent()).toBe(evil);
    expect(await page.locator('.card img').count()).toBeGreaterThan(10);
    const map = page.locator('section', { hasText: 'Map of the embeddings' });
    const point = map.locator('.scatterlayer .points path').first();
    await point.scrollIntoViewIfNeeded();
    await point.hover({ force: true });
    await page.locator('img.moon-thumbnail').waitFor();
    expect((await page.locator('.hovertext').allTextContents()).join('').replace(/\s/g, '')).toContain(
      '<script>alert(1)</script>',
    );
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(wrongs).toEqual([]);
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
