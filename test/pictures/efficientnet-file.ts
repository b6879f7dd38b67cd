import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RandomStream, randomStream } from '../../src/engine/random.js';
import { type TensorToWrite, writeSafetensors } from '../../src/store/safetensors.js';

/** Channels after the stem and each of the 16 blocks of lite0, small; kernels and strides are its own. */
const channels = [4, 2, 3, 3, 4, 4, 5, 5, 5, 3, 3, 3, 4, 4, 4, 4, 6];
const kernels = [3, 3, 3, 5, 5, 3, 3, 3, 5, 5, 5, 5, 5, 5, 5, 3];
export const strides = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1];

/**
 * Write a folder of a small EfficientNet-lite0 with random weights: pictures of 40 px, features of 7 numbers in a grid of 2 x 2. Gains above 1
 * magnify the rounding of every block. Returns its weights by name, and the stream that they were drawn from.
 */
export function writeEfficientNet(
  folder: string,
  gains = { from: 0.8, to: 1.6 },
): { byName: Map<string, Float32Array>; draw: RandomStream } {
  const draw = randomStream(6, 'lite');
  const some = (count: number, from: number, to: number) =>
    Float32Array.from({ length: count }, () => from + (to - from) * draw.uniform());
  const tensors: TensorToWrite[] = [];
  const byName = new Map<string, Float32Array>();

  const add = (name: string, shape: number[], values: Float32Array): void => {
    byName.set(name, values);
    tensors.push({ name, shape, values: () => values });
  };

  const addLayer = (conv: string, norm: string, out: number, into: number, kernel: number): void => {
    const size = out * into * kernel * kernel;
    // So that few values meet the bounds 0 and 6.
    const spread = 1.5 / Math.sqrt(size / out);
    add(`${conv}.weight`, [out, into, kernel, kernel], some(size, -spread, spread));
    add(`${norm}.weight`, [out], some(out, gains.from, gains.to));
    add(`${norm}.bias`, [out], some(out, 0.5, 2));
    add(`${norm}.running_mean`, [out], some(out, -0.2, 0.2));
    add(`${norm}.running_var`, [out], some(out, 0.1, 0.4));
  };

  addLayer('_conv_stem', '_bn0', channels[0], 3, 3);
  kernels.forEach((kernel, at) => {
    const name = `_blocks.${at}.`;
    const wide = at ? 2 * channels[at] : channels[at];
    if (at) addLayer(`${name}_expand_conv`, `${name}_bn0`, wide, channels[at], 1);
    addLayer(`${name}_depthwise_conv`, `${name}_bn1`, wide, 1, kernel);
    addLayer(`${name}_project_conv`, `${name}_bn2`, channels[at + 1], wide, 1);
  });
  addLayer('_conv_head', '_bn1', 7, channels[16], 1);
  writeSafetensors(join(folder, 'model.safetensors'), tensors);
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: 'efficientnet-lite', depth: 1 }));
  writeFileSync(
    join(folder, 'preprocessor_config.json'),
    JSON.stringify({ size: 40, image_mean: [0.5, 0.4, 0.3], image_std: [0.5, 0.6, 0.7] }),
  );
  return { byName, draw };
}
