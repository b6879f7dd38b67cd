import { type Weights, weightsUnder } from '../../engine/flat-weights.js';
import { gatherRows } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';
import type { EncodeOptions } from '../family.js';
import { attend, fromHeads, toHeads } from '../layers/attention.js';
import { runBlockOf } from '../layers/gradient-checkpoint.js';
import { geluTanh, layerNorm, linear } from '../layers/layers.js';
import { namedLayers } from '../layers/named-layers.js';
import type { SmolConfig, SmolVisionConfig } from './config.js';
import { visionBlock, visionNames } from './names.js';

/** `rows` x `columns` patches at the top left of a tile show the image; the rest is padding. */
export interface ShownPatches {
  rows: number;
  columns: number;
}

/**
 * SigLIP on square tiles, then the connector: pixel shuffle and one linear layer (arXiv 2408.12637, section 2.1).
 * @param pixels normalised [tiles, side, side, channels]; the side is a multiple of patch size x scale factor, at most the network's own
 * @param options.shown by tile; by default all of it
 * @returns [tiles * tokens, text width]: tile by tile, row by row
 */
export function encodeTiles(
  config: SmolConfig,
  weights: Weights,
  pixels: tf.Tensor4D,
  { shown, checkpoint }: EncodeOptions & { shown?: readonly ShownPatches[] } = {},
): tf.Tensor2D {
  const { vision } = config;
  const [count, sidePixels] = pixels.shape;
  const side = sidePixels / vision.patchSize;
  const tiles = shown ?? Array<ShownPatches>(count).fill({ rows: side, columns: side });
  return tf.tidy(() => {
    let x = embedPatches(vision, weights, pixels, tiles);
    const mask = tileMask(tiles, side);
    for (let block = 0; block < vision.depth; block++) {
      const own = weightsUnder(weights, visionBlock(block));
      const context = { tiles: tiles.length, mask };
      x = runBlockOf(checkpoint, (...given) => runBlock(vision, block, ...given), x, own, context);
    }
    const { weight, bias } = visionNames.norm;
    const normed = layerNorm(x, weights[weight], weights[bias], vision.normEpsilon);
    return linear(pixelShuffle(normed, side, config.scaleFactor), weights[visionNames.projection]);
  });
}

/** Patch embeddings with learned positions [tiles * patches, width]. */
function embedPatches(
  vision: SmolVisionConfig,
  weights: Weights,
  pixels: tf.Tensor4D,
  tiles: readonly ShownPatches[],
): tf.Tensor2D {
  const { imageSize, patchSize, channels, width } = vision;
  const side = pixels.shape[1] / patchSize;
  const grid = tf.reshape(pixels, [tiles.length, side, patchSize, side, patchSize, channels]);
  // As the kernel stores them: channel, row, column of a patch.
  const patches = tf.reshape(tf.transpose(grid, [0, 1, 3, 5, 2, 4]), [-1, channels * patchSize ** 2]) as tf.Tensor2D;
  const { weight, bias } = visionNames.patches;
  const embedded = linear(patches, tf.reshape(weights[weight], [width, -1]), weights[bias]);
  const places = tf.tensor1d(
    tiles.flatMap((tile) => positionsOf(tile, side, imageSize / patchSize)),
    'int32',
  );
  return tf.add(embedded, gatherRows(weights[visionNames.positions] as tf.Tensor2D, places)) as tf.Tensor2D;
}

/**
 * The learned position of every patch of a tile: where its fraction of the image lies on the full grid; 0 for padding.
 * @param side patches along a side of the tile
 * @param full learned positions along a side
 */
function positionsOf({ rows, columns }: ShownPatches, side: number, full: number): number[] {
  const bucket = (count: number) =>
    Array.from({ length: count }, (_, at) => {
      // Boundaries and fractions in float32, as the published code compares them.
      const fraction = Math.fround(at * Math.fround(1 / count));
      let place = 0;
      while (place + 1 < full && fraction >= Math.fround((place + 1) / full)) place++;
      return place;
    });
  const [own, across] = [bucket(rows), bucket(columns)];
  return Array.from({ length: side * side }, (_, at) => {
    const [row, column] = [Math.floor(at / side), at % side];
    return row < rows && column < columns ? own[row] * full + across[column] : 0;
  });
}

/** [tiles, 1, patches], 0 for patches that are seen and -1e9 for padding; undefined where nothing is padded. */
function tileMask(tiles: readonly ShownPatches[], side: number): tf.Tensor3D | undefined {
  if (tiles.every(({ rows, columns }) => rows === side && columns === side)) return undefined;
  const values = tiles.flatMap(({ rows, columns }) =>
    Array.from({ length: side * side }, (_, at) => (Math.floor(at / side) < rows && at % side < columns ? 0 : -1e9)),
  );
  return tf.tensor3d(values, [tiles.length, 1, side * side]);
}

function runBlock(
  { heads, width, normEpsilon }: SmolVisionConfig,
  block: number,
  x: tf.Tensor2D,
  weights: Weights,
  { tiles, mask }: { tiles: number; mask: tf.Tensor3D | undefined },
): tf.Tensor2D {
  return tf.tidy(() => {
    const { layer, norm } = namedLayers(weights, visionBlock(block), normEpsilon);
    const normed = norm('layer_norm1', x);
    const [q, k, v] = ['q', 'k', 'v'].map((name) => toHeads(layer(`self_attn.${name}_proj`, normed), tiles, heads));
    const attended = attend(tf.mul(q, (width / heads) ** -0.5), k, v, mask);
    const after: tf.Tensor2D = tf.add(x, layer('self_attn.out_proj', fromHeads(attended)));
    return tf.add(after, layer('mlp.fc2', geluTanh(layer('mlp.fc1', norm('layer_norm2', after))))) as tf.Tensor2D;
  });
}

/** Each square of factor x factor patches becomes one token: [tiles * side * side, width] -> [tiles * tokens, width * factor ** 2]. */
function pixelShuffle(x: tf.Tensor2D, side: number, factor: number): tf.Tensor2D {
  const width = x.shape[1];
  const out = side / factor;
  const squares = tf.reshape(x, [-1, out, factor, out, factor, width]);
  return tf.reshape(tf.transpose(squares, [0, 1, 3, 2, 4, 5]), [-1, width * factor ** 2]) as tf.Tensor2D;
}
