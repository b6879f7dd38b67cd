import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImageError, imageFormat } from '../../src/data/images/image-file.js';
import type { Box, ImageSource, Raster } from '../../src/data/types.js';
import { countLeaks } from '../../src/engine/memory.js';
import {
  cropPixels,
  type DecodeOptions,
  decodeImage,
  decodeImages,
  imageSize,
  rastersToTensor,
} from '../../src/pictures/image.js';
import { dataFolder } from '../data/data-folder.js';

const fixtures = new URL('../fixtures/images/', import.meta.url).pathname;
const pack = new URL('../../data/grocery/', import.meta.url).pathname;
const file = (path: string): ImageSource => ({ kind: 'file', path });
const fixture = (name: string) => file(fixtures + name);

/** What Pillow 13 reads in each file (upright, over white, as RGB), and what its Lanczos filter makes of `detail.png`. */
interface Expected extends Raster {
  /** Greatest difference of a byte: JPEG decoders differ, and CMYK without a profile has no one right answer. */
  tolerance: number;
}
const written: Record<string, Omit<Expected, 'data'> & { pixels: string }> = JSON.parse(
  readFileSync(`${fixtures}expected.json`, 'utf8'),
);
const expected = new Map(
  Object.entries(written).map(([name, { pixels, ...rest }]): [string, Expected] => [
    name,
    { ...rest, data: Buffer.from(pixels, 'base64') },
  ]),
);
const wholeFiles = [...expected].filter(([name]) => !name.includes(':'));

function worstDifference(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((worst, byte, i) => Math.max(worst, Math.abs(byte - b[i])), 0);
}

describe('decodeImage', () => {
  it.each(wholeFiles)('reads the pixels that Pillow reads: %s', async (name, { width, height, data, tolerance }) => {
    expect(await imageSize(fixture(name))).toEqual({ width, height });
    const raster = await decodeImage(fixture(name), { width, height, fit: 'stretch' });
    expect(raster).toMatchObject({ width, height });
    expect(worstDifference(raster.data, data)).toBeLessThanOrEqual(tolerance);
  });

  it.each(wholeFiles)('cuts a part out of the upright image: %s', async (name, { width, height, data, tolerance }) => {
    const [left, top, right, bottom] = [width / 4, height / 2, width / 2, height - 2];
    const crop = { x1: left / width, y1: top / height, x2: right / width, y2: bottom / height };
    const size = { width: right - left, height: bottom - top };
    const raster = await decodeImage(fixture(name), { ...size, fit: 'stretch', crop });
    const slow: number[] = [];
    for (let y = top; y < bottom; y++) slow.push(...data.subarray((y * width + left) * 3, (y * width + right) * 3));
    expect(worstDifference(raster.data, Uint8Array.from(slow))).toBeLessThanOrEqual(tolerance);
  });

  it.each<[string, Omit<DecodeOptions, 'width' | 'height'>]>([
    ['detail: stretch 20 x 24', { fit: 'stretch' }],
    ['detail: crop 15 11 45 33, stretch 16 x 16', { fit: 'stretch', crop: { x1: 0.25, y1: 0.25, x2: 0.75, y2: 0.75 } }],
    ['detail: cover 22 x 22', { fit: 'cover' }],
    ['detail: contain 30 x 30', { fit: 'contain' }],
  ])("resizes as Pillow's Lanczos filter does: %s", async (name, options) => {
    const { width, height, data } = expected.get(name)!;
    const raster = await decodeImage(fixture('detail.png'), { width, height, ...options });
    const differences = raster.data.reduce((sum, byte, i) => sum + Math.abs(byte - data[i]), 0);
    expect(differences / data.length).toBeLessThan(2);
  });

  it('enlarges a ramp to a finer ramp, at most half a new pixel aside', async () => {
    const data = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => 30 * (Math.floor(i / 3) % 8));
    const source: ImageSource = { kind: 'drawn', draw: () => ({ width: 8, height: 8, data }) };
    for (const width of [9, 12, 16, 32]) {
      const raster = await decodeImage(source, { width, height: 8, fit: 'stretch' });
      for (let x = 0; x < width; x++) {
        const exact = Math.min(Math.max(30 * (((x + 0.5) * 8) / width - 0.5), 0), 210);
        expect(Math.abs(raster.data[3 * x] - exact)).toBeLessThanOrEqual((30 * 8) / width / 2 + 3);
      }
    }
  });

  it('takes a drawn image as it takes a file', async () => {
    const { width, height, data } = expected.get('colours.png')!;
    const drawn: ImageSource = { kind: 'drawn', draw: () => ({ width, height, data }) };
    expect(await imageSize(drawn)).toEqual({ width, height });
    for (const options of [
      { width: 24, height: 16, fit: 'stretch' },
      { width: 7, height: 9, fit: 'contain', crop: { x1: 0.1, y1: 0.2, x2: 0.6, y2: 0.9 } },
    ] as const) {
      const [one, other] = await Promise.all([drawn, fixture('colours.png')].map((each) => decodeImage(each, options)));
      expect(worstDifference(one.data, other.data)).toBe(0);
    }
  });

  it.each([
    ['cut-off.jpg', /the file is cut off/],
    ['cut-off.png', /the file is cut off/],
    ['text.jpg', /not a JPEG, PNG/],
    ['drawing.svg', /not a JPEG, PNG/],
    ['empty.jpg', /the file is empty \(0 bytes\)/],
    ['huge-header.png', /more than 100 million pixels/],
    ['none.jpg', /no such file/],
    ['.', /not a file/],
  ])('refuses a bad file with its name and the reason: %s', async (name, reason) => {
    const failure = await decodeImage(fixture(name), { width: 8, height: 8, fit: 'cover' }).catch((error) => error);
    expect(failure).toBeInstanceOf(ImageError);
    expect(failure).toMatchObject({ file: fixtures + name, reason: expect.stringMatching(reason) });
    expect(failure.message).toContain(name);
    if (!name.startsWith('cut-off')) await expect(imageSize(fixture(name))).rejects.toThrow(reason);
  });

  it('does not wait at a pipe', async () => {
    const folder = dataFolder({});
    execFileSync('mkfifo', [`${folder}/pipe.jpg`]);
    await expect(imageSize(file(`${folder}/pipe.jpg`))).rejects.toThrow('not a file');
  });

  it("reads the file of that name even where the name looks like a library's options", async () => {
    const name = 'photo.png[page=7]';
    const folder = dataFolder({ [name]: readFileSync(`${fixtures}colours.png`) });
    expect(await imageSize(file(`${folder}/${name}`))).toEqual({ width: 24, height: 16 });
  });

  it('blames wrong options on the caller, not on the file', async () => {
    const bad = decodeImage(fixture('colours.png'), { width: 0, height: 8, fit: 'cover' });
    await expect(bad).rejects.toThrow('width, height: got [0,8], expected integers');
    const crop = { x1: 0.5, y1: 0, x2: 0.5, y2: 1 };
    const empty = decodeImage(fixture('colours.png'), { width: 8, height: 8, fit: 'cover', crop });
    await expect(empty).rejects.toThrow(/^crop: got \{"x1":0.5/);
  });

  it('gives pixels or an ImageError for any damaged file', { timeout: 300_000 }, async () => {
    const files = readdirSync(fixtures).filter((name) => !/json|huge/.test(name));
    const bytes = files.map((name) => readFileSync(fixtures + name));
    const folder = dataFolder({});
    const damage = fc.record({
      of: fc.nat(files.length - 1),
      keep: fc.double({ min: 0, max: 1, noNaN: true }),
      changes: fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)), { maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ of, keep, changes }) => {
        const damaged = Buffer.from(bytes[of].subarray(0, Math.ceil(keep * bytes[of].length)));
        for (const [at, byte] of changes) damaged[Math.floor(at * damaged.length)] = byte;
        const path = `${folder}/damaged`;
        writeFileSync(path, damaged);
        const result = await decodeImage(file(path), { width: 5, height: 4, fit: 'cover' }).catch((error) => error);
        if (!(result instanceof ImageError))
          expect(result).toMatchObject({ width: 5, height: 4, data: { length: 60 } });
      }),
      { numRuns: 300 },
    );
  });

  it('reads the photos of the shipped pack', async () => {
    const photos = readFileSync(`${pack}train.txt`, 'utf8')
      .trim()
      .split('\n')
      .filter((_, n) => n % 30 === 0);
    const sources = photos.map((line) => file(pack + line.split(',')[0]));
    const issues: string[] = [];
    const rasters = await decodeImages(sources, {
      width: 80,
      height: 80,
      fit: 'cover',
      onIssue: (_, e) => issues.push(e.message),
    });
    expect(issues).toEqual([]);
    expect(rasters.filter((raster) => raster?.data.length === 80 * 80 * 3)).toHaveLength(88);
  });
});

describe('decodeImages', () => {
  it('keeps the order, reports what fails and goes on', async () => {
    const names = ['colours.png', 'text.jpg', 'grey.png', 'cut-off.jpg', 'empty.jpg', 'animated.gif'];
    const issues: number[] = [];
    const rasters = await decodeImages(names.map(fixture), {
      width: 24,
      height: 16,
      fit: 'stretch',
      concurrency: 2,
      onIssue: (index, { file }) => {
        expect(file).toBe(fixtures + names[index]);
        issues.push(index);
      },
    });
    expect(rasters.map((raster) => raster !== null)).toEqual([true, false, true, false, false, true]);
    expect(worstDifference(rasters[2]!.data, expected.get('grey.png')!.data)).toBe(0);
    expect(issues.sort()).toEqual([1, 3, 4]);
  });

  it('passes errors of ours on', async () => {
    const draw = () => {
      throw new RangeError('a bug in a drawing');
    };
    const sources: ImageSource[] = [fixture('colours.png'), { kind: 'drawn', draw }];
    const options = { width: 4, height: 4, fit: 'stretch', onIssue: () => expect.unreachable() } as const;
    await expect(decodeImages(sources, options)).rejects.toThrow('a bug in a drawing');
  });
});

describe('cropPixels', () => {
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  const size = fc.integer({ min: 1, max: 5000 });

  it('stays inside, keeps a pixel, and lies within a pixel of the exact box', () => {
    fc.assert(
      fc.property(part, part, size, (a, b, width) => {
        fc.pre(a !== b);
        const box: Box = { x1: Math.min(a, b), x2: Math.max(a, b), y1: 0, y2: 1 };
        const { left, width: columns } = cropPixels(box, width, 10);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(columns).toBeGreaterThanOrEqual(1);
        expect(left + columns).toBeLessThanOrEqual(width);
        expect(Math.abs(left - box.x1 * width)).toBeLessThanOrEqual(1);
        expect(Math.abs(left + columns - box.x2 * width)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('divides an image between boxes that share an edge', () => {
    expect(cropPixels({ x1: 0, x2: 1, y1: 0, y2: 1 }, 37, 11)).toEqual({ left: 0, top: 0, width: 37, height: 11 });
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 0.9, noNaN: true }), fc.integer({ min: 10, max: 5000 }), (edge, width) => {
        const first = cropPixels({ x1: 0, x2: edge, y1: 0, y2: 1 }, width, 1);
        const second = cropPixels({ x1: edge, x2: 1, y1: 0, y2: 1 }, width, 1);
        expect(first.left + first.width).toBe(second.left);
        expect(second.left + second.width).toBe(width);
      }),
    );
  });
});

describe('imageFormat', () => {
  it('tells formats by their first bytes, not by their names', () => {
    const format = (name: string) => imageFormat(readFileSync(fixtures + name));
    expect(['cmyk.jpg', 'grey.png', 'animated.gif', 'alpha.webp', 'colours.tiff', 'colours.avif'].map(format)).toEqual([
      'jpeg',
      'png',
      'gif',
      'webp',
      'tiff',
      'avif',
    ]);
    expect(['text.jpg', 'drawing.svg', 'empty.jpg'].map(format)).toEqual([undefined, undefined, undefined]);
  });
});

describe('rastersToTensor', () => {
  const rasters = ['colours.png', 'grey.png'].map((name): Raster => expected.get(name)!);

  it('holds every byte as a part of 1, in the order [image, row, column, channel]', async () => {
    const { result, leaked } = await countLeaks(
      () => rastersToTensor(rasters),
      () => 1,
    );
    expect(result.shape).toEqual([2, 16, 24, 3]);
    expect(result.dtype).toBe('float32');
    const slow = rasters.flatMap(({ data }) => [...data].map((byte) => Math.fround(byte / 255)));
    expect([...result.dataSync()]).toEqual(slow);
    expect(leaked).toBe(0);
    result.dispose();
  });

  it('keeps its values when more tensors are made', () => {
    const first = rastersToTensor(rasters);
    const before = [...first.dataSync()];
    const second = rastersToTensor([...rasters].reverse());
    expect([...first.dataSync()]).toEqual(before);
    first.dispose();
    second.dispose();
  });

  it('refuses images of two sizes, and none', () => {
    expect(() => rastersToTensor([rasters[0], { ...rasters[1], width: 16, height: 24 }])).toThrow(
      'image 1 is 16 x 24, the first 24 x 16',
    );
    expect(() => rastersToTensor([])).toThrow('got no images');
  });
});
