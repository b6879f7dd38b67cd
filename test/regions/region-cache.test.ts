import { appendFileSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Detector, plausibleRegion, type Regions } from '../../src/data/region.js';
import type { ProductImage } from '../../src/data/types.js';
import { cachedDetector } from '../../src/regions/region-cache.js';
import { drawn, scene } from './scenes.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'moon-lab-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const picture = drawn(scene([16, 12], [2, 2, 9, 9]));
const file = (name: string): ProductImage => ({ id: name, source: { kind: 'file', path: join(folder, name) } });

/** Says another box at every call, so that a kept answer is told from a new one. */
function counting(identity: string | undefined = 'test-1'): Detector & { calls: number } {
  const detector = {
    calls: 0,
    identity,
    detect: async (): Promise<Regions> => {
      const region = plausibleRegion('test', { box: { x1: 0, y1: 0, x2: 1, y2: 1 / ++detector.calls }, score: 0.5 });
      return [region, { ...region, source: 'another' }];
    },
    dispose: () => {},
  };
  return detector;
}

it('an answer is kept by the bytes of the image and the title, in memory and on disk', async () => {
  copyFileSync('test/fixtures/images/colours.png', join(folder, 'a.png'));
  copyFileSync('test/fixtures/images/colours.png', join(folder, 'b.png'));
  const first = await cachedDetector(counting(), join(folder, 'regions'));
  const answer = await first.detect(file('a.png'), 'Cup');
  expect(await first.detect(file('b.png'), 'Cup')).toEqual(answer);
  expect(await first.detect(file('a.png'), 'Bowl')).not.toEqual(answer);
  expect(await first.detect(file('a.png'))).not.toEqual(answer);
  expect(first.counts()).toEqual({ hits: 1, misses: 3, damaged: 0 });
  await first.save();

  const fresh = counting();
  const second = await cachedDetector(fresh, join(folder, 'regions'));
  expect(await second.detect(file('b.png'), 'Cup')).toEqual(answer);
  copyFileSync('test/fixtures/images/detail.png', join(folder, 'a.png'));
  await second.detect(file('a.png'), 'Cup');
  expect([fresh.calls, second.counts().hits]).toEqual([1, 1]);
  expect(readdirSync(join(folder, 'regions'))).toEqual(['test-1.jsonl']);
});

it('another identity has another file, and none is never kept', async () => {
  const one = await cachedDetector(counting('test-1'), folder);
  await one.detect(picture);
  await one.save();
  const other = counting('test-2');
  await (await cachedDetector(other, folder)).detect(picture);
  const nameless = { ...counting(), identity: undefined };
  const plain = await cachedDetector(nameless, folder);
  expect(await plain.detect(picture)).not.toEqual(await plain.detect(picture));
  await plain.save();
  expect(other.calls).toBe(1);
  expect(readdirSync(folder)).toEqual(['test-1.jsonl']);
});

it('two that learn at the same time both keep what they learned', async () => {
  const [one, two] = [await cachedDetector(counting(), folder), await cachedDetector(counting(), folder)];
  await one.detect(picture, 'Cup');
  await two.detect(picture, 'Bowl');
  await one.save();
  await two.save();
  const both = await cachedDetector(counting(), folder);
  await both.detect(picture, 'Cup');
  await both.detect(picture, 'Bowl');
  expect(both.counts()).toEqual({ hits: 2, misses: 0, damaged: 0 });
});

it('damaged lines are counted and looked up anew', async () => {
  const cache = await cachedDetector(counting(), folder);
  await cache.detect(picture);
  await cache.save();
  const path = join(folder, 'test-1.jsonl');
  const [line] = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, `${line.replace('0.5', '"half"')}\n${line.slice(0, 30)}\n{"image":1}\nnull\n`);
  appendFileSync(path, `${line.replace('"x2":1', '"x2":7')}\n`);
  const again = await cachedDetector(counting(), folder);
  await again.detect(picture);
  expect(again.counts()).toEqual({ hits: 0, misses: 1, damaged: 5 });
});

it('answers of earlier versions, a line a region, are read', async () => {
  const cache = await cachedDetector(counting(), folder);
  const [region] = await cache.detect(picture);
  await cache.save();
  const path = join(folder, 'test-1.jsonl');
  const { regions, ...rest } = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, `${JSON.stringify({ ...rest, region })}\n`);
  expect(await (await cachedDetector(counting(), folder)).detect(picture)).toEqual([region]);
});

it('a folder that cannot be written is named', async () => {
  writeFileSync(join(folder, 'taken'), '');
  const cache = await cachedDetector(counting(), join(folder, 'taken'));
  await cache.detect(picture);
  await expect(cache.save()).rejects.toThrow(/taken.*cannot be written/);
});
