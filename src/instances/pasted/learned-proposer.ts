import { setImmediate } from 'node:timers/promises';
import { UserError } from '../../checks/error.js';
import type { ProductImage, Raster } from '../../data/types.js';
import { longCall } from '../../engine/long-call.js';
import { randomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import { type FrozenEncoder, openFrozenEncoder } from '../../pictures/frozen/frozen-encoder.js';
import { decodeImage } from '../../pictures/image.js';
import type { Proposer } from '../../regions/proposals/proposer.js';
import { trainWeights } from '../../train/train-weights.js';
import { type BoxBatch, boxHead, boxLoss, initBoxHead } from './box-head.js';
import { boxesOfCells, cellTargets } from './cells.js';
import { pasteProducts } from './composite.js';
import { type Cut, cutProduct } from './cut.js';

/** How a proposer is learned from pictures of single products. */
export interface ProposerTraining {
  /** A frozen image encoder (`openFrozenEncoder`). Default efficientnet-lite0. */
  model?: string;
  /** Pictures that are pasted together. Default 1200. */
  composites?: number;
  /** Side of these in pixels. Default 64. */
  side?: number;
  /** Smallest and largest number of products in one. Default 2 and 4. */
  products?: readonly [min: number, max: number];
  steps?: number;
  rate?: number;
  seed?: number;
  signal?: AbortSignal;
}

/** A proposer with loaded weights. */
export interface LearnedProposer {
  propose: Proposer;
  /** Pictures of single products in which nothing stood out, and which were not used. */
  unused: number;
  dispose(): void;
}

/** Pictures that are encoded at once, and that make an update. */
const BATCH = 16;

/**
 * Learn to propose the boxes of several products from pictures of one each (as Product1M does, arXiv 2107.14572): the salient part of each is cut out,
 * pasted with others over another background, and a small network on a frozen encoder's features learns where it was pasted.
 * @throws UserError for fewer pictures than a composite has products
 */
export async function trainProposer(
  singles: readonly ProductImage[],
  {
    model = 'efficientnet-lite0',
    composites = 1200,
    side = 64,
    products: [min, max] = [2, 4],
    steps = 800,
    rate = 2e-3,
    seed = 1,
    signal,
  }: ProposerTraining = {},
): Promise<LearnedProposer> {
  const stream = randomStream(seed, 'pasted');
  const encoder = await openFrozenEncoder(model);
  const made: BoxBatch[] = [];
  try {
    const cuts = await cutAll(singles, side, signal);
    if (cuts.length < max)
      throw new UserError(
        `singles: found a product in ${cuts.length} of ${singles.length} pictures, expected at least ${max}. Give more.`,
      );
    const pictures = Array.from({ length: composites }, () => {
      const shown = stream.shuffle(cuts).slice(0, min + stream.integer(max - min + 1));
      return pasteProducts(shown, cuts[stream.integer(cuts.length)], side, stream);
    });
    await longCall(signal, async (call) => {
      for (let start = 0; start < composites; start += BATCH) {
        call.signal.throwIfAborted();
        const some = pictures.slice(start, start + BATCH);
        const features = await gridFeatures(
          encoder,
          some.map(({ raster }) => raster),
        );
        const targets = some.map(({ boxes }) => cellTargets(boxes, encoder.grid));
        const joined = (of: (target: (typeof targets)[number]) => Float32Array) =>
          Float32Array.from(targets.flatMap((target) => [...of(target)]));
        made.push({
          features,
          objects: tf.tensor1d(joined(({ objects }) => objects)),
          distances: tf.tensor2d(
            joined(({ distances }) => distances),
            [features.shape[0], 4],
          ),
        });
        call.show({ label: 'pasted pictures', done: start + some.length, total: composites });
        await setImmediate(); // let timers and interrupts run
      }
    });
    const start = initBoxHead(encoder.width, stream);
    const weights = await trainWeights({
      name: 'box step',
      captures: encoder.width,
      weights: start,
      loss: boxLoss,
      batchOf() {
        const { features, objects, distances } = made[stream.integer(made.length)];
        const tensors = { features: tf.clone(features), objects: tf.clone(objects), distances: tf.clone(distances) };
        return { tensors, kind: undefined };
      },
      steps,
      rate,
      signal,
    }).finally(() => tf.dispose(start));
    return {
      unused: singles.length - cuts.length,
      async propose({ raster }, count) {
        const features = await gridFeatures(encoder, [raster]);
        const { logits, distances } = tf.tidy(() => boxHead(weights, features));
        const [scores, edges] = await Promise.all([logits.data(), distances.data()]);
        tf.dispose([features, logits, distances]);
        return boxesOfCells(scores, edges, count);
      },
      dispose() {
        tf.dispose(weights);
        encoder.dispose();
      },
    };
  } catch (error) {
    encoder.dispose();
    throw error;
  } finally {
    tf.dispose(made);
  }
}

async function cutAll(images: readonly ProductImage[], side: number, signal: AbortSignal | undefined): Promise<Cut[]> {
  const cuts: Cut[] = [];
  for (const { source } of images) {
    signal?.throwIfAborted();
    const cut = cutProduct(await decodeImage(source, { width: side, height: side, fit: 'stretch' }));
    if (cut) cuts.push(cut);
  }
  return cuts;
}

/** Features [pictures * cells, width]; the caller frees them. */
async function gridFeatures(
  { side, grid, width, encode }: FrozenEncoder,
  rasters: readonly Raster[],
): Promise<tf.Tensor2D> {
  const pixels = new Float32Array(rasters.length * side * side * 3);
  for (const [at, raster] of rasters.entries()) {
    const { data } = await decodeImage(
      { kind: 'drawn', draw: () => raster },
      { width: side, height: side, fit: 'stretch' },
    );
    for (let byte = 0; byte < data.length; byte++) pixels[at * data.length + byte] = data[byte] / 255;
  }
  return tf.tensor2d(await encode(pixels, rasters.length), [rasters.length * grid * grid, width]);
}
