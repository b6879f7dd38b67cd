import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { initWeights } from '../../../src/backbones/init-weights.js';
import type { Grid, VisionConfig } from '../../../src/backbones/qwen25vl/config.js';
import { sizedConfig } from '../../../src/backbones/qwen25vl/sizes.js';
import { embedPatches } from '../../../src/backbones/qwen25vl/stem.js';
import { encodeImages } from '../../../src/backbones/qwen25vl/vision.js';
import { patchPositions, planWindows } from '../../../src/backbones/qwen25vl/windows.js';
import type { Weights } from '../../../src/engine/flat-weights.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { randomStream } from '../../../src/engine/random.js';
import * as tf from '../../../src/engine/tf.js';
import { expectClose, gradients, normal, sameBits } from '../close.js';

const tokens = { image: 1, video: 2, visionStart: 3, visionEnd: 4, pad: 0, end: 5 };
const whole = sizedConfig('nano', { vocabSize: 8, tokens });
const config = whole.vision;
const weights = initWeights(whole, randomStream(1, 'init'));
afterAll(() => tf.dispose(weights));

/** Qwen's flattened patches of images [batch, height, width, 3]: every number is looked up by its place. */
function flattened(images: tf.Tensor4D, { patchSize, mergeSize, temporalPatchSize, channels }: VisionConfig) {
  const [batch, height, width] = images.shape;
  const pixels = images.arraySync();
  const grid = { t: 1, h: height / patchSize, w: width / patchSize };
  const out: number[] = [];
  for (let image = 0; image < batch; image++)
    for (let i = 0; i < grid.h * grid.w; i++) {
      const unit = Math.floor(i / mergeSize ** 2);
      const inside = i % mergeSize ** 2;
      const row = Math.floor(unit / (grid.w / mergeSize)) * mergeSize + Math.floor(inside / mergeSize);
      const column = (unit % (grid.w / mergeSize)) * mergeSize + (inside % mergeSize);
      for (let c = 0; c < channels; c++)
        for (let t = 0; t < temporalPatchSize; t++)
          for (let y = 0; y < patchSize; y++)
            for (let x = 0; x < patchSize; x++) out.push(pixels[image][row * patchSize + y][column * patchSize + x][c]);
    }
  return { patches: tf.tensor3d(out, [batch, grid.h * grid.w, out.length / (batch * grid.h * grid.w)]), grid };
}

describe('attention windows', () => {
  const grids = fc.record({
    t: fc.constant(1),
    h: fc.integer({ min: 1, max: 12 }),
    w: fc.integer({ min: 1, max: 12 }),
  });

  it('hold every merge unit once, and no two of one window are further apart than its side', () => {
    fc.assert(
      fc.property(grids, fc.integer({ min: 1, max: 5 }), ({ t, h, w }, side) => {
        const grid: Grid = { t, h: 2 * h, w: 2 * w };
        const { order, inverse, groups } = planWindows({ ...config, windowSize: side * 2 * config.patchSize }, grid);
        expect([...order].sort((a, b) => a - b)).toEqual([...order.keys()]);
        expect([...inverse].map((place) => order[place])).toEqual([...order.keys()]);
        expect(groups.reduce((sum, { count, length }) => sum + count * length, 0)).toBe(4 * h * w);
        let start = 0;
        for (const { count, length } of groups)
          for (let i = 0; i < count; i++, start += length / 4) {
            const units = [...order.slice(start, start + length / 4)];
            const windows = units.map((unit) => `${Math.floor(unit / w / side)}/${Math.floor((unit % w) / side)}`);
            expect(new Set(windows).size).toBe(1);
          }
      }),
    );
  });

  it('know where each patch lies', () => {
    const grid = { t: 1, h: 4, w: 4 };
    const { order } = planWindows({ ...config, windowSize: 16 }, grid);
    const places = patchPositions(config, grid, order);
    expect([...places.slice(0, 8)]).toEqual([0, 0, 0, 1, 1, 0, 1, 1]);
    expect([...places.slice(-8)]).toEqual([2, 2, 2, 3, 3, 2, 3, 3]);
  });
});

describe('the vision tower', () => {
  const images = normal('images', 2, 48, 80, 3) as tf.Tensor4D;

  it('gives pixels what it gives their patches', () => {
    tf.tidy(() => {
      const ours = encodeImages(config, weights, { kind: 'pixels', pixels: images }).tokens;
      const truth = encodeImages(config, weights, { kind: 'patches', ...flattened(images, config) }).tokens;
      expect(ours.shape).toEqual([2, 15, config.outWidth]);
      expectClose(ours, truth);
    });
  });

  it('treats frames as images of their own', () => {
    tf.tidy(() => {
      const { patches, grid } = flattened(images, config);
      const film = tf.reshape<tf.Rank.R3>(patches, [1, -1, patches.shape[2]]);
      const { tokens } = encodeImages(config, weights, { kind: 'patches', patches: film, grid: { ...grid, t: 2 } });
      const apart = encodeImages(config, weights, { kind: 'patches', patches, grid }).tokens;
      expectClose(tokens, tf.reshape(apart, tokens.shape));
    });
  });

  it('sees in a window block nothing outside the window, at the border too', () => {
    const windowed = { ...config, depth: 1, fullAttentionBlocks: [] };
    tf.tidy(() => {
      const one = tf.slice(images, [0, 0, 0, 0], [1, 48, 80, 3]);
      // The window at the lower right border: 16 x 16 pixels of a window of 32, one token.
      const inside = tf.pad(tf.ones([1, 16, 16, 3]), [
        [0, 0],
        [32, 0],
        [64, 0],
        [0, 0],
      ]);
      const changed = tf.add(one, tf.sub(1, inside)) as tf.Tensor4D;
      const last = (pixels: tf.Tensor4D) =>
        tf.slice(encodeImages(windowed, weights, { kind: 'pixels', pixels }).tokens, [0, 14, 0], [1, 1, -1]);
      expectClose(last(changed), last(one), '', 1e-6);
      const full = { ...windowed, fullAttentionBlocks: [0] };
      const seen = (pixels: tf.Tensor4D) =>
        tf.slice(encodeImages(full, weights, { kind: 'pixels', pixels }).tokens, [0, 14, 0], [1, 1, -1]);
      expect(tf.max(tf.abs(tf.sub(seen(changed), seen(one)))).dataSync()[0]).toBeGreaterThan(1e-6);
    });
  });

  it('gives hidden states in the order of the patches', () => {
    tf.tidy(() => {
      const { patches, grid } = flattened(images, config);
      const { hiddenStates } = encodeImages(
        config,
        weights,
        { kind: 'patches', patches, grid },
        { want: { hiddenStates: true } },
      );
      const kernel = tf.reshape<tf.Rank.R2>(weights['visual.patch_embed.proj.weight'], [config.width, -1]);
      const first = tf.matMul(tf.reshape<tf.Rank.R2>(patches, [-1, patches.shape[2]]), kernel, false, true);
      expect(hiddenStates).toHaveLength(config.depth + 1);
      expectClose(hiddenStates![0], tf.reshape(first, [2, 60, config.width]));
    });
  });

  it('has the same gradients with checkpoints and dropout', () => {
    const dropout = { rate: 0.2, seed: tf.tensor1d([5, 6], 'int32') };
    const target = normal('target', 2, 15, config.outWidth);
    const own = Object.fromEntries(Object.entries(weights).filter(([name]) => name.startsWith('visual.')));
    tf.tidy(() => {
      const [plain, again] = [false, true].map((checkpoint) =>
        gradients(own, (from: Weights) => {
          const { tokens } = encodeImages(config, from, { kind: 'pixels', pixels: images }, { dropout, checkpoint });
          return tf.sum(tf.mul(tokens, target)) as tf.Scalar;
        }),
      );
      for (const [name, grad] of Object.entries(again.grads)) expectClose(grad, plain.grads[name], name);
    });
  });

  it('refuses images that no patches fit', () => {
    const pixels = normal('odd', 1, 40, 48, 3) as tf.Tensor4D;
    expect(() => encodeImages(config, weights, { kind: 'pixels', pixels })).toThrow('multiples of 16');
  });

  it('leaves no tensors behind', async () => {
    const { leaked } = await countLeaks(
      () => encodeImages(config, weights, { kind: 'pixels', pixels: images }, { want: { hiddenStates: true } }),
      ({ hiddenStates }) => 1 + hiddenStates!.length,
    );
    expect(leaked).toBe(0);
  });
});

describe('the convolutional stem', () => {
  const stem = { kind: 'conv' as const, channels: [16, 24, 32] };
  const convolved = sizedConfig('nano', { vocabSize: 8, tokens, stem });
  const own = initWeights(convolved, randomStream(1, 'init'));
  const images = normal('images', 2, 48, 80, 3) as tf.Tensor4D;

  it('gives the same grid of tokens, and every weight a gradient', () => {
    tf.tidy(() => {
      const visual = Object.fromEntries(Object.entries(own).filter(([name]) => name.startsWith('visual.')));
      const { grads } = gradients(visual, (from) => {
        const { tokens } = encodeImages(convolved.vision, from, { kind: 'pixels', pixels: images });
        expect(tokens.shape).toEqual([2, 15, config.outWidth]);
        return tf.sum(tf.square(tokens)) as tf.Scalar;
      });
      for (const [name, grad] of Object.entries(grads))
        expect(tf.max(tf.abs(grad)).dataSync()[0], name).toBeGreaterThan(0);
    });
  });

  it('is convolutions, and group norms by their definition', () => {
    tf.tidy(() => {
      const convolve = (x: tf.Tensor, name: string) => {
        const kernel = tf.transpose(own[`visual.stem.${name}.conv.weight`], [2, 3, 1, 0]) as tf.Tensor4D;
        const y = tf.conv2d(x as tf.Tensor4D, kernel, 2, 'same');
        const groups = tf.reshape(y, [...y.shape.slice(0, 3), y.shape[3] / 8, 8]);
        const { mean, variance } = tf.moments(groups, [1, 2, 4], true);
        const normed = tf.reshape(tf.div(tf.sub(groups, mean), tf.sqrt(tf.add(variance, 1e-5))), y.shape);
        return tf.add(tf.mul(normed, own[`visual.stem.${name}.norm.weight`]), own[`visual.stem.${name}.norm.bias`]);
      };
      const swish = (x: tf.Tensor) => tf.mul(x, tf.sigmoid(x));
      let x: tf.Tensor = images;
      stem.channels.forEach((_, stage) => {
        x = swish(convolve(x, `${stage}`));
      });
      // 6 x 10 patches, in units of 2 x 2.
      const units = tf.transpose(tf.reshape(x, [2, 3, 2, 5, 2, 32]), [0, 1, 3, 2, 4, 5]);
      const projected = tf.add(
        tf.matMul(tf.reshape(units, [-1, 32]), own['visual.stem.proj.weight'], false, true),
        own['visual.stem.proj.bias'],
      );
      expectClose(embedPatches(convolved.vision, own, { kind: 'pixels', pixels: images }), projected, 'stem', 1e-5);
    });
  });

  it('leaves the other weights as they are without it', () => {
    const { 'visual.patch_embed.proj.weight': _, ...rest } = weights;
    for (const [name, weight] of Object.entries(rest))
      expect(sameBits(own[name].dataSync(), weight.dataSync()), name).toBe(true);
  });

  it('refuses flattened patches, and a stem without convolutions', () => {
    const input = { kind: 'patches' as const, ...flattened(images, config) };
    expect(() => encodeImages(convolved.vision, own, input)).toThrow("vision.stem: got 'conv'");
    expect(() => sizedConfig('nano', { vocabSize: 8, tokens, stem: { kind: 'conv', channels: [] } })).toThrow(
      'stem.channels: got []',
    );
  });
});
