import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { boxArea } from '../../src/data/overlap.js';
import { countLeaks } from '../../src/engine/memory.js';
import { decodeImage } from '../../src/pictures/image.js';
import { detectorOf } from '../../src/regions/detector.js';
import { cutOut, openSegmenter } from '../../src/regions/segmentation.js';
import { networks } from '../needs.js';
import { drawn, scene } from './scenes.js';

/** Its "mask" is how bright a pixel is: the mean of the three channels of an image of 32 px. */
const brightness = 'test/fixtures/regions/brightness.onnx';
const box = { x1: 8 / 32, y1: 4 / 32, x2: 24 / 32, y2: 28 / 32 };
const image = drawn(scene([32, 32], [8, 4, 24, 28]));

async function regionOf(model: string, of = image, threshold?: number) {
  const detector = (await detectorOf({
    kind: 'segmentation',
    model,
    ...(threshold === undefined ? {} : { threshold }),
  }))!;
  try {
    const [core] = await detector.detect(of);
    return { core, identity: detector.identity };
  } finally {
    detector.dispose();
  }
}

describe('the core region by segmentation', () => {
  test('is the box of the mask, or the whole image where there is no object', async () => {
    const { result, leaked } = await countLeaks(() => regionOf(brightness));
    expect(result.core).toMatchObject({ box, source: 'segmentation' });
    expect(leaked).toBe(0);
    const dark = drawn({ width: 32, height: 32, data: new Uint8Array(32 * 32 * 3).fill(20) });
    expect((await regionOf(brightness, dark)).core.fallback).toBe('missing');
    expect((await regionOf(brightness, image, 0.25)).identity).not.toBe(result.identity);
  });

  test('a file that gives no mask is refused', async () => {
    await expect(regionOf('test/fixtures/regions/brightest.onnx')).rejects.toThrow(/expected '?\[1, 1, side, side\]/);
    const empty = mkdtempSync(join(tmpdir(), 'moon-mask-'));
    await expect(regionOf(empty)).rejects.toThrow(/an \*\.onnx file, or a folder with model\.onnx/);
    writeFileSync(join(empty, 'model.onnx'), 'x');
    await expect(regionOf(empty)).rejects.toThrow(/cannot be read as ONNX/);
    await expect(regionOf('u2netq')).rejects.toThrow(/did you mean u2netp/);
  });
});

test('a cut-out mixes an image with a colour by its mask', () => {
  const data = Uint8Array.from({ length: 4 * 2 * 3 }, (_, at) => at);
  const mask = { side: 2, values: Float32Array.of(1, 0, 0.5, 1) };
  const { data: out } = cutOut({ width: 4, height: 2, data }, mask, [100, 0, 200]);
  expect(Array.from(out)).toEqual([
    ...[0, 1, 2, 3, 4, 5, 100, 0, 200, 100, 0, 200],
    ...[56, 7, 107, 58, 8, 109, 18, 19, 20, 21, 22, 23],
  ]);
});

test('U2Netp finds a product on its shelf, and its mask is of the picture', { tags: ['networks'] }, async () => {
  const path = 'data/grocery/iconic-images-and-descriptions/Fruit/Apple/Golden-Delicious/Golden-Delicious_Iconic.jpg';
  const source = { kind: 'file', path } as const;
  const segmenter = await openSegmenter(`${networks}/u2netp`);
  const { side, values } = await segmenter.maskOf(source);
  segmenter.dispose();
  // The picture is white around the fruit.
  const { data } = await decodeImage(source, { width: side, height: side, fit: 'stretch' });
  const [onWhite, onFruit] = [true, false].map((white) => {
    const own = Array.from(values).filter((_, at) => Math.min(...data.subarray(3 * at, 3 * at + 3)) > 250 === white);
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  });
  expect(onWhite).toBeLessThan(0.1);
  expect(onFruit).toBeGreaterThan(0.8);
  const { core } = await regionOf(`${networks}/u2netp`, { id: path, source });
  expect(core.fallback).toBeUndefined();
  expect(boxArea(core.box)).toBeLessThan(1);
});
