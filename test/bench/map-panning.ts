import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { randomStream } from '../../src/engine/random.js';
import { embeddingMap } from '../../src/figures/maps/embedding-map.js';
import { reportPage } from '../../src/figures/page/page.js';
import { writePage } from '../../src/figures/page/write-page.js';
import { findBrowser } from '../../src/notebook/draw-figure.js';
import type { BenchRow } from './table.js';

const COUNT = 50_000;
const MOVES = 120;

/** Frames of a headless browser while a map of 50,000 points is dragged, in milliseconds: the median and the 95th of a hundred. None without a browser. */
export async function panningRows(): Promise<BenchRow[]> {
  const executablePath = findBrowser();
  if (!executablePath) {
    console.error('no Chromium on the PATH: panning is not measured');
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), 'moon-panning-'));
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const file = join(folder, 'map.html');
    writePage(file, reportPage('Map', [{ heading: 'Map', figure: bigMap() }]));
    const tab = await browser.newPage({ viewport: { width: 1100, height: 900 } });
    await tab.goto(pathToFileURL(file).href);
    const figure = tab.locator('.moon-figure[data-moon-drawn]');
    await figure.waitFor({ timeout: 120_000 });
    await tab.locator('.modebar-btn[data-title="Pan"]').click({ force: true });
    const box = await figure.boundingBox();
    if (!box) throw new Error('the map has no place');
    const [x, y] = [box.x + box.width / 3, box.y + box.height / 2];
    await tab.mouse.move(x, y);
    await tab.mouse.down();
    await tab.evaluate(countFrames);
    for (let move = 1; move <= MOVES; move++) await tab.mouse.move(x + 80 * Math.sin(move / 10), y + move / 2);
    const gaps = (await tab.evaluate('window.frameGaps')) as number[];
    await tab.mouse.up();
    const sorted = gaps.sort((a, b) => a - b);
    const row = (name: string, fraction: number): BenchRow => ({
      name: `${COUNT.toLocaleString('en')} points panned: ${name}`,
      ours: sorted[Math.floor(fraction * (sorted.length - 1))],
      rival: null,
      ratio: null,
      unit: `ms (${sorted.length} frames)`,
    });
    return [row('median frame', 0.5), row('95th of a hundred frames', 0.95)];
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}

/** Runs in the page. */
const countFrames = `(() => {
  const gaps = window.frameGaps = [];
  let last = performance.now();
  requestAnimationFrame(function frame(now) {
    gaps.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  });
})()`;

function bigMap() {
  const random = randomStream(1, 'panning');
  const points = Array.from({ length: COUNT }, (_, at) => ({
    x: 3 * (at % 7) + random.normal(),
    y: 2 * (at % 5) + random.normal(),
    label: `product ${at}`,
    group: `kind ${at % 20}`,
  }));
  return embeddingMap(points, { title: 'Map', trustworthiness: 0.9, overlap: 0.4 });
}
