import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Raster } from '../../src/data/types.js';
import { decodeImage } from '../../src/pictures/image.js';
import { hammingDistance, perceptualHash } from '../../src/pictures/perceptual-hash.js';

const pack = new URL('../../data/grocery/', import.meta.url).pathname;

/** 32 x 32 images with their hashes by Python's ImageHash 4.3.2 (`imagehash.phash`). */
const reference: { pixels: string; hash: string }[] = JSON.parse(
  readFileSync(new URL('../fixtures/images/perceptual-hash.json', import.meta.url), 'utf8'),
);
const rasters = reference.map(({ pixels }): Raster => ({ width: 32, height: 32, data: Buffer.from(pixels, 'base64') }));

/** Each pixel becomes a block of `x` times `y`. */
function enlarge({ width, height, data }: Raster, x: number, y: number): Raster {
  const large = new Uint8Array(width * x * height * y * 3);
  for (let row = 0; row < height * y; row++) {
    for (let column = 0; column < width * x; column++) {
      const from = (Math.floor(row / y) * width + Math.floor(column / x)) * 3;
      large.set(data.subarray(from, from + 3), (row * width * x + column) * 3);
    }
  }
  return { width: width * x, height: height * y, data: large };
}

describe('perceptualHash', () => {
  it('is that of the reference implementation, bit by bit', () => {
    expect(rasters.map((raster) => perceptualHash(raster).toString(16).padStart(16, '0'))).toEqual(
      reference.map(({ hash }) => hash),
    );
  });

  it('does not depend on the size in which a picture comes', () => {
    for (const raster of rasters) {
      const hash = perceptualHash(raster);
      expect(perceptualHash(enlarge(raster, 3, 2))).toBe(hash);
      expect(hammingDistance(perceptualHash(enlarge(raster, 1, 5)), hash)).toBe(0);
    }
  });

  it('tells a photo that was made small and compressed anew from other photos', async () => {
    const photos = readFileSync(`${pack}train.txt`, 'utf8')
      .trim()
      .split('\n')
      .filter((_, n) => n % 60 === 0);
    const size = { width: 96, height: 96, fit: 'stretch' } as const;
    const pairs = photos.map(async (line) => {
      const path = pack + line.split(',')[0];
      const copy = await sharp(path)
        .resize({ width: 90 })
        .modulate({ brightness: 1.1 })
        .jpeg({ quality: 40 })
        .toBuffer();
      const other = await sharp(copy).resize(96, 96, { fit: 'fill' }).raw().toBuffer();
      return [
        perceptualHash(await decodeImage({ kind: 'file', path }, size)),
        perceptualHash({ width: 96, height: 96, data: other }),
      ];
    });
    const hashes = await Promise.all(pairs);
    for (const [one, copy] of hashes) {
      expect(hammingDistance(one, copy)).toBeLessThanOrEqual(6);
      for (const [other] of hashes) if (other !== one) expect(hammingDistance(one, other)).toBeGreaterThan(12);
    }
    expect(new Set(hashes.map(([one]) => one)).size).toBe(44);
  });

  it('gives every flat image one hash: no bit hangs on rounding', () => {
    const flat = (byte: number, side: number): Raster => ({
      width: side,
      height: side,
      data: new Uint8Array(side * side * 3).fill(byte),
    });
    const hashes = [1, 77, 128, 254, 255].flatMap((byte) =>
      [32, 45, 80].map((side) => perceptualHash(flat(byte, side))),
    );
    expect(new Set(hashes)).toEqual(new Set([1n << 63n]));
  });

  it('takes images of any size', () => {
    for (const [width, height] of [
      [1, 1],
      [7, 200],
      [31, 33],
      [129, 3],
    ]) {
      const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 256);
      expect(perceptualHash({ width, height, data })).toBeLessThan(1n << 64n);
    }
  });
});

describe('hammingDistance', () => {
  it('counts the ones of a difference written in binary', () => {
    const hash = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    fc.assert(
      fc.property(hash, hash, (a, b) => {
        expect(hammingDistance(a, b)).toBe((a ^ b).toString(2).replaceAll('0', '').length);
      }),
    );
  });
});
