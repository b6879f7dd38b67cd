import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fullImage } from '../../src/data/region.js';
import type { Box, ImageSource } from '../../src/data/types.js';
import { cutCrop, isUpsampled } from '../../src/pictures/crop.js';
import { openCutter } from '../../src/pictures/crop-cache.js';
import { drawn, scene } from '../regions/scenes.js';

const folder = mkdtempSync(join(tmpdir(), 'moon-crops-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'a.png');
const source: ImageSource = { kind: 'file', path };
const box: Box = { x1: 0, y1: 0.25, x2: 0.1, y2: 0.5 };

it('cuts what cutCrop cuts, the first time, from disk and in memory, also of a file whose bytes stand elsewhere', async () => {
  copyFileSync('test/fixtures/images/detail.png', path);
  copyFileSync(path, join(folder, 'b.png'));
  const expected = [await cutCrop(source, fullImage, 8), await cutCrop(source, box, 8)];
  expect(expected.map((crop) => isUpsampled({ side: 8, ...crop }))).toContain(true);
  for (const name of ['a.png', 'a.png', 'b.png', undefined]) {
    const cutter = openCutter(8, name && join(folder, 'kept'));
    const cut = await cutter.of({ kind: 'file', path: join(folder, name ?? 'a.png') });
    const crops = [await cut(fullImage), await cut(box)];
    crops.forEach((place, at) => {
      const raster = cutter.rasterAt(place);
      const { width, height } = expected[at];
      expect(cutter.sizeAt(place)).toEqual({ width, height });
      expect([raster.width, raster.height]).toEqual([8, 8]);
      expect(Buffer.from(raster.data).equals(Buffer.from(expected[at].raster.data))).toBe(true);
    });
    cutter.save();
  }
});

it('a changed file is cut anew, a drawing is drawn and found by its pixels', async () => {
  const cutOne = async (of: ImageSource) => {
    const cutter = openCutter(8, join(folder, 'changed'));
    const place = await (await cutter.of(of))(fullImage);
    cutter.save();
    return Buffer.from(cutter.rasterAt(place).data);
  };
  copyFileSync('test/fixtures/images/detail.png', path);
  const before = await cutOne(source);
  copyFileSync('test/fixtures/images/colours.png', path);
  expect((await cutOne(source)).equals(before)).toBe(false);
  let times = 0;
  const raster = scene([8, 8], [0, 0, 4, 4]);
  const counted: ImageSource = {
    kind: 'drawn',
    draw: () => {
      times++;
      return raster;
    },
  };
  await cutOne(counted);
  const once = times;
  expect((await cutOne(counted)).equals(Buffer.from(raster.data))).toBe(true);
  expect(times).toBe(once + 1);
  expect(await cutOne(drawn(raster).source)).toEqual(Buffer.from(raster.data));
});
