import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportPage } from '../../../src/figures/page/page.js';
import { writePage } from '../../../src/figures/page/write-page.js';
import { startBrowser } from '../chromium.js';
import { evil, figures, pieces, pixel } from '../samples.js';

const folder = mkdtempSync(join(tmpdir(), 'moon-page-'));
const file = join(folder, 'deep', 'report.html');
afterAll(() => rmSync(folder, { recursive: true }));

const sections = [
  { heading: evil, text: `${evil}\n\nA second paragraph.` },
  ...Object.entries(figures).map(([heading, figure]) => ({ heading, figure })),
  ...Object.entries(pieces).map(([heading, html]) => ({ heading, html })),
];
const page = reportPage(evil, sections);
writePage(file, page);

describe('a page', () => {
  it('is written whole, with nothing left beside it', () => {
    expect(readFileSync(file, 'utf8')).toBe(page);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['report.html']);
  });

  it('holds plotly once, packed, and only where there is a figure', () => {
    expect(page.length).toBeLessThan(3_000_000);
    expect(page.match(/DecompressionStream/g)).toHaveLength(1);
    expect(reportPage('Plain', [{ heading: 'No figure', text: 'Text.' }]).length).toBeLessThan(10_000);
  });
});

describe('a page opened from disk without a network', { tags: ['browser'], timeout: 300_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  interface Opened {
    tab: Page;
    wrongs: string[];
  }
  const opened = new Map<string, Promise<Opened>>();

  /** The page in a scheme, opened once. */
  function open(colorScheme: 'light' | 'dark'): Promise<Opened> {
    const known = opened.get(colorScheme) ?? openAnew(colorScheme);
    opened.set(colorScheme, known);
    return known;
  }

  /** Opens the page, waits for its figures, and collects whatever a page must not do. */
  async function openAnew(colorScheme: 'light' | 'dark'): Promise<Opened> {
    const context = await browser.newContext({ offline: true, colorScheme, viewport: { width: 1100, height: 900 } });
    const tab = await context.newPage();
    const wrongs: string[] = [];
    tab.on('pageerror', (error) => wrongs.push(`error: ${error.message}`));
    tab.on('dialog', (dialog) => {
      wrongs.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    tab.on('request', (request) => {
      if (!/^(file|data|blob):/.test(request.url())) wrongs.push(`request: ${request.url()}`);
    });
    await tab.goto(pathToFileURL(file).href);
    await tab
      .locator('.moon-figure[data-moon-drawn]')
      .nth(Object.keys(figures).length - 1)
      .waitFor({ timeout: 240_000 });
    return { tab, wrongs };
  }

  it.each(['light', 'dark'] as const)(
    'draws every figure in the %s theme, no label clipped, no two in one place, no title run',
    async (scheme) => {
      const { tab, wrongs } = await open(scheme);
      expect(await tab.locator('.moon-figure[data-moon-drawn]').count()).toBe(Object.keys(figures).length);
      const paper = await tab.locator('.moon-figure .main-svg').first().getAttribute('style');
      expect(paper).toContain(scheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(20, 23, 27)');
      expect(await clippedTexts(tab)).toEqual([]);
      expect(await overlappingTexts(tab)).toEqual([]);
      expect(wrongs).toEqual([]);
      await keepPictures(tab, scheme);
    },
  );

  it('finds points by the words of their labels, and colours them by another field', async () => {
    const { tab, wrongs } = await open('light');
    const map = tab.locator(`#figure-${2 + Object.keys(figures).indexOf('map')}`);
    const rings = () =>
      map
        .locator('.moon-plot')
        .evaluate((plot) => (plot as unknown as { data: { x: unknown[] }[] }).data.at(-1)?.x.length);
    await map.locator('input').fill('SCRIPT 11');
    await expect.poll(() => map.locator('output').textContent()).toMatch(/^1[12] of 120$/); // 11, 110 to 119
    expect(await rings()).toBe(Number.parseInt((await map.locator('output').textContent()) ?? '', 10));
    expect(await map.locator('option').allTextContents()).toEqual(['group', evil, 'price']);
    await map.locator('select').selectOption({ index: 1 });
    await expect.poll(() => map.locator('.legendtext').allTextContents()).toContain('a brand (80)');
    await map.locator('input').fill('');
    await expect.poll(rings).toBe(0);
    expect(wrongs).toEqual([]);
  });

  it('shows a hostile title as its own text: headings, titles, legends, tables, galleries, hover labels', async () => {
    const { tab, wrongs } = await open('light');
    expect(await tab.title()).toBe(evil);
    for (const place of ['h1', 'h2', 'p', 'td', 'th', 'caption', '.card .title', '.gtitle', '.legendtext']) {
      const texts = await tab.locator(place).allTextContents();
      expect(
        texts.some((text) => text.includes(evil)),
        place,
      ).toBe(true);
    }
    expect(await tab.locator('body img[src="x"], body b:has-text("bold")').count()).toBe(0);
    const point = tab.locator('.moon-figure .scatterlayer .point').nth(4);
    await point.scrollIntoViewIfNeeded();
    await point.hover({ force: true });
    const image = tab.locator('.moon-thumbnail');
    await image.waitFor();
    expect(await image.getAttribute('src')).toBe(pixel);
    const label = (await tab.locator('.hovertext').allTextContents()).join('').replace(/\s/g, '');
    expect(label).toContain('<script>alert(1)</script><imgsrc=xonerror=alert(2)>');
    await tab.mouse.move(2, 2);
    await image.waitFor({ state: 'detached' });
    expect(wrongs).toEqual([]);
  });

  it('follows a change of theme while it is open', async () => {
    const { tab } = await open('light');
    await tab.emulateMedia({ colorScheme: 'dark' });
    await expect
      .poll(() => tab.locator('.moon-figure .main-svg').first().getAttribute('style'))
      .toContain('rgb(20, 23, 27)');
  });
});

/** For people: every figure as a picture, in the folder that MOON_LOOK names. */
async function keepPictures(tab: Page, scheme: string): Promise<void> {
  const folder = process.env.MOON_LOOK;
  if (!folder) return;
  for (const section of await tab.locator('section').all()) {
    const heading = (await section.locator('h2').textContent()) ?? '';
    await section.screenshot({ path: join(folder, `${heading.replace(/\W/g, '').slice(0, 20)}-${scheme}.png`) });
  }
}

/** Texts of figures that reach beyond their picture. A legend that scrolls inside its own window is not clipped. */
function clippedTexts(tab: Page): Promise<string[]> {
  return tab.locator('.moon-figure .main-svg text').evaluateAll((texts) =>
    texts
      .filter((text) => {
        const inner = text.getBoundingClientRect();
        const outer = text.closest('.main-svg')?.getBoundingClientRect();
        const hidden = inner.width === 0 || text.closest('.scrollbox') !== null;
        const outside =
          outer &&
          (inner.left < outer.left - 1 ||
            inner.right > outer.right + 1 ||
            inner.top < outer.top - 1 ||
            inner.bottom > outer.bottom + 1);
        return !hidden && outside;
      })
      .map((text) => text.textContent ?? ''),
  );
}

/** Pairs of upright texts of one figure that are drawn over each other. */
function overlappingTexts(tab: Page): Promise<string[]> {
  return tab.locator('.moon-figure').evaluateAll((figures) =>
    figures.flatMap((figure) => {
      const texts = [...figure.querySelectorAll('.main-svg text')].filter(
        (text) =>
          !/rotate\((?!0[,)])/.test(text.getAttribute('transform') ?? '') && text.getBoundingClientRect().width > 0,
      );
      return texts.flatMap((one, at) =>
        texts.slice(at + 1).flatMap((other) => {
          const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
          const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
          const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
          return wide > 2 && high > 3 ? [`${one.textContent} | ${other.textContent}`] : [];
        }),
      );
    }),
  );
}
