import { join } from 'node:path';
import { UserError, wrongOption } from '../../checks/error.js';
import * as tf from '../../engine/tf.js';
import { readJsonFile } from '../../store/json-file.js';
import { readHeader, readTensor } from '../../store/safetensors.js';

/** EfficientNet-lite (arXiv 1905.11946 without squeeze and excitation) up to its last feature map, on the engine. */
export interface EfficientNetLite {
  /** Normalised pixels [count, side, side, 3] -> features [count, grid, grid, width]. The caller frees them. */
  run(pixels: tf.Tensor4D): tf.Tensor4D;
  dispose(): void;
}

/** What `config.json` says of one. */
export interface EfficientNetLiteConfig {
  model_type: 'efficientnet-lite';
  /** Factor of the numbers of blocks, 1 for lite0. */
  depth: number;
}

/** Blocks of each stage and the stride of its first one. Depth does not scale the first and the last stage. */
const STAGES: readonly [blocks: number, stride: 1 | 2][] = [
  [1, 1],
  [2, 2],
  [2, 2],
  [3, 2],
  [3, 1],
  [4, 2],
  [1, 1],
];
const EPSILON = 1e-3;

export const efficientNetLiteFile = (folder: string) => join(folder, 'model.safetensors');

/** Whether a folder's config.json is of this family. */
export function isEfficientNetLite(json: unknown): boolean {
  return (json as Partial<EfficientNetLiteConfig> | null)?.model_type === 'efficientnet-lite';
}

/** A convolution with the batch norm after it folded in. */
interface Layer {
  /** [height, width, in, out], or [height, width, channels, 1] for a depthwise one. */
  kernel: tf.Tensor4D;
  bias: tf.Tensor1D;
}

/**
 * Open the weights of a folder that `npx moon-lab model get efficientnet-lite0` made.
 * @throws UserError for a file without one of its weights
 */
export function openEfficientNetLite(folder: string): EfficientNetLite {
  const config = join(folder, 'config.json');
  const { depth } = readJsonFile(config, 'download the network again') as Partial<EfficientNetLiteConfig>;
  if (typeof depth !== 'number' || !(depth >= 1))
    throw wrongOption(`${config}: depth`, depth, 'a number of at least 1');
  const source = readHeader(efficientNetLiteFile(folder));
  const all: Layer[] = [];
  const layer = (conv: string, norm: string): Layer => {
    const values = (name: string) => {
      const entry = source.tensors.get(name);
      if (!entry) throw new UserError(`${source.file}: has no tensor ${name}; download the network again.`);
      return tf.tensor(readTensor(source, name), entry.shape);
    };
    const folded = tf.tidy(() => {
      const [gain, shift, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((name) =>
        values(`${norm}.${name}`),
      );
      const scale = tf.div(gain, tf.sqrt(tf.add(variance, EPSILON)));
      const kernel = tf.mul(values(`${conv}.weight`), tf.reshape(scale, [-1, 1, 1, 1]));
      const order = conv.endsWith('_depthwise_conv') ? [2, 3, 0, 1] : [2, 3, 1, 0];
      return { kernel: tf.transpose(kernel, order), bias: tf.sub(shift, tf.mul(mean, scale)) };
    }) as Layer;
    all.push(folded);
    return folded;
  };
  const last = STAGES.length - 1;
  const strides = STAGES.flatMap(([blocks, stride], stage) =>
    Array.from({ length: stage % last ? Math.ceil(blocks * depth) : blocks }, (_, at) => (at ? 1 : stride)),
  );
  try {
    const stem = layer('_conv_stem', '_bn0');
    const blocks = strides.map((stride, at) => {
      const name = `_blocks.${at}.`;
      return {
        stride,
        expand: source.tensors.has(`${name}_expand_conv.weight`)
          ? layer(`${name}_expand_conv`, `${name}_bn0`)
          : undefined,
        depthwise: layer(`${name}_depthwise_conv`, `${name}_bn1`),
        project: layer(`${name}_project_conv`, `${name}_bn2`),
      };
    });
    const head = layer('_conv_head', '_bn1');
    return {
      run: (pixels) =>
        tf.tidy(() => {
          let x = bounded(convolve(pixels, stem, 2));
          for (const { stride, expand, depthwise, project } of blocks) {
            const wide = expand ? bounded(convolve(x, expand, 1)) : x;
            const seen = bounded(
              tf.add(tf.depthwiseConv2d(wide, depthwise.kernel, stride, 'same'), depthwise.bias) as tf.Tensor4D,
            );
            const out = convolve(seen, project, 1);
            x = stride === 1 && out.shape[3] === x.shape[3] ? tf.add(x, out) : out;
          }
          return bounded(convolve(x, head, 1));
        }),
      dispose: () => tf.dispose(all.map(({ kernel, bias }) => [kernel, bias])),
    };
  } catch (error) {
    tf.dispose(all.map(({ kernel, bias }) => [kernel, bias]));
    throw error;
  }
}

const convolve = (x: tf.Tensor4D, { kernel, bias }: Layer, stride: 1 | 2) =>
  tf.add(tf.conv2d(x, kernel, stride, 'same'), bias) as tf.Tensor4D;

const bounded = (x: tf.Tensor4D) => tf.clipByValue(x, 0, 6);
