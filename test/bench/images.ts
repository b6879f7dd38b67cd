import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { assert } from '../../src/checks/error.js';
import type { ImageSource, Raster } from '../../src/data/types.js';
import { randomStream } from '../../src/engine/random.js';
import { drawAugmentation } from '../../src/pictures/augment.js';
import { decodeImages, rastersToTensor } from '../../src/pictures/image.js';
import { augmentPictures } from '../../src/pictures/stored-pictures.js';
import { interleave, type Rival, startRival } from './rival.js';
import type { Bench } from './table.js';

const SIZE = { width: 128, height: 128, fit: 'stretch' } as const;
const PHOTOS = new URL('../../data/grocery/train/', import.meta.url).pathname;
const FASHION = new URL('../../../shared/data/fashion-product-images/images/', import.meta.url).pathname;
/** A step of training: 64 queries and 32 items with their crops. */
const STEP = 128;

/** Images a second to 128 x 128 on all cores, beside Pillow in one process a core, and what a step of training costs on one core. */
export const rows: Bench = async ({ python }) => {
  const rival = python ? await startRival(python, new URL('./images.py', import.meta.url)) : undefined;
  if (rival) console.error(`rival: ${rival.about}`);
  const shop = await mkdtemp(join(tmpdir(), 'moon-bench-'));
  try {
    const small = await firstPhotos(PHOTOS, 300);
    await enlarge(small.slice(0, 100), shop, 800);
    const table = [...(await decodeRows('photos of 128 px', PHOTOS, small, rival))];
    if (existsSync(FASHION)) {
      table.push(...(await decodeRows('photos of 224 px', FASHION, await firstPhotos(FASHION, 300), rival)));
    }
    table.push(...(await decodeRows('photos of 800 px', shop, await firstPhotos(shop, 100), rival)));
    const rasters = await decode(small.slice(0, STEP), 80);
    const unit = 'ms (less is better)';
    table.push(
      await interleave(`augment ${STEP} photos, 80 to 64 px`, () => timeAugment(rasters), undefined, { unit }),
    );
    table.push(
      await interleave(`${STEP} rasters of 80 px to a tensor`, () => timeTensor(rasters), undefined, { unit }),
    );
    return table;
  } finally {
    rival?.stop();
    await rm(shop, { recursive: true });
  }
};

/** One row against Pillow as it is mostly called, one against Pillow with a decoder that shrinks. */
async function decodeRows(name: string, folder: string, paths: string[], rival: Rival | undefined) {
  const ours = async () => {
    const started = performance.now();
    await decode(paths, 128);
    return (1000 * paths.length) / (performance.now() - started);
  };
  const table = [];
  for (const draft of rival ? [false, true] : [false]) {
    const request = JSON.stringify({ folder, count: paths.length, draft });
    const asked = rival && { ...rival, measure: () => rival.measure(request) };
    const unit = 'images/s (more is better)';
    table.push(await interleave(`${name}${draft ? ', Pillow with draft' : ''}`, ours, asked, { unit }));
  }
  return table;
}

async function decode(paths: string[], side: number): Promise<Raster[]> {
  const sources = paths.map((path): ImageSource => ({ kind: 'file', path }));
  const onIssue = (_: number, issue: Error) => assert(false, issue.message);
  const rasters = await decodeImages(sources, { ...SIZE, width: side, height: side, onIssue });
  return rasters.filter((raster) => raster !== null);
}

/** As Python sorts paths, so that both sides read the same files. */
async function firstPhotos(folder: string, count: number): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.jpg'));
  return names
    .map((name) => join(folder, name))
    .sort((a, b) => (a < b ? -1 : 1))
    .slice(0, count);
}

/** Shops store photos of about 800 px; the photos at hand are smaller. */
async function enlarge(paths: string[], folder: string, side: number): Promise<void> {
  const write = (path: string, index: number) =>
    sharp(path)
      .resize(side, side)
      .jpeg({ quality: 85 })
      .toFile(join(folder, `${index}.jpg`));
  await Promise.all(paths.map(write));
}

function timeAugment(rasters: Raster[]): number {
  const stream = randomStream(1, 'bench');
  const started = performance.now();
  augmentPictures(
    rasters,
    rasters.map(() => drawAugmentation(stream)),
    64,
  );
  return performance.now() - started;
}

function timeTensor(rasters: Raster[]): number {
  const started = performance.now();
  rastersToTensor(rasters).dispose();
  return performance.now() - started;
}
