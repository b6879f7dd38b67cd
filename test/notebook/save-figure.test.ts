import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { embeddingMap } from '../../src/figures/maps/embedding-map.js';
import { lossCurve } from '../../src/figures/plots/loss-curve.js';
import { saveFigure } from '../../src/notebook/save-figure.js';
import { evil } from '../figures/samples.js';

const folder = mkdtempSync(join(tmpdir(), 'moon-save-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const figure = lossCurve([{ name: evil, steps: [0, 1, 2], values: [3, 2, 1] }], { title: evil });

describe('saveFigure', () => {
  it('writes JSON that is the figure again, and a page', async () => {
    await saveFigure(figure, join(folder, 'a', 'figure.json'));
    expect(JSON.parse(readFileSync(join(folder, 'a', 'figure.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(figure)),
    );
    await saveFigure(figure, join(folder, 'figure.html'));
    expect(readFileSync(join(folder, 'figure.html'), 'utf8')).toMatch(/^<!doctype html>/);
  });

  it('says in one sentence what is missing or wrong', async () => {
    await expect(saveFigure(figure, 'figure.pdf')).rejects.toThrow(
      /path: got "figure.pdf", expected a file name that ends in .html/,
    );
    vi.stubEnv('PATH', folder);
    vi.stubEnv('CHROMIUM', '');
    await expect(saveFigure(figure, 'figure.png')).rejects.toThrow(/no Chromium was found .* save the figure as .html/);
  });
});

describe('saveFigure by a headless browser', { tags: ['browser'] }, () => {
  it('draws a PNG of the asked size, light or dark, with ink on it', async () => {
    for (const [theme, paper] of [
      ['light', 255],
      ['dark', 20],
    ] as const) {
      const path = join(folder, `${theme}.png`);
      await saveFigure(figure, path, { theme, width: 700, height: 380 });
      const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      expect([info.width, info.height]).toEqual([1400, 760]);
      expect(data[0]).toBe(paper);
      const ink = data.filter((value, i) => i % 3 === 0 && Math.abs(value - paper) > 60).length;
      expect(ink).toBeGreaterThan(2000);
    }
  });

  it('draws what WebGL draws: a map in space', async () => {
    const points = Array.from({ length: 40 }, (_, at) => ({
      x: at,
      y: at % 7,
      z: at % 3,
      label: `${at}`,
      group: 'one',
    }));
    const path = join(folder, 'space.png');
    await saveFigure(embeddingMap(points, { title: 'Space' }), path, { scale: 1 });
    const { data } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    // Blue is the colour of the points; the legend's one mark has less than 200 pixels.
    const blue = data.filter((red, at) => at % 3 === 0 && red < 80 && data[at + 2] > 150).length;
    expect(blue).toBeGreaterThan(400);
  });

  it('draws an SVG that holds a hostile title as text', async () => {
    const path = join(folder, 'figure.svg');
    await saveFigure(figure, path);
    const svg = readFileSync(path, 'utf8');
    expect(svg).toMatch(/^<svg/);
    expect(svg).toMatch(/&(lt|#60);script&(gt|#62);alert\(1\)/);
    expect(svg).not.toContain('<script');
  });
});
