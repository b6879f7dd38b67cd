import type { MoonConfig } from '../../src/config/config.js';
import { paper } from '../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { buildModel } from '../../src/encoder/build-model.js';
import { trainVocabulary } from '../../src/encoder/vocabulary.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { type Batch, type BatchTensors, buildBatch, imageTokens, uploadBatch } from '../../src/moon/batch.js';
import type { ExpertsOption } from '../../src/moon/experts/option.js';
import { batchOptions, type MoonModel } from '../../src/moon/model.js';
import { productSequence } from '../../src/moon/sequence.js';

const { products } = generateShop({ products: 64, trainQueries: 1, evaluationQueries: 1 });
const tokenizer = trainVocabulary(products, 1000);

/** The base `paper` at the size tiny, with these experts. */
export function moonSize(experts: ExpertsOption): MoonModel {
  return moonOf({ ...paper, experts });
}

/** The model of a config, with the shop's tokenizer. */
export function moonOf(config: MoonConfig): MoonModel {
  return buildModel(config, tokenizer);
}

/** Products of the shop, each with a whole picture and a crop of noise, from number `first` on. */
export function productBatch(model: MoonModel, count: number, first = 0): { batch: Batch; tensors: BatchTensors } {
  const read = { tokenizer, imageTokens: imageTokens(batchOptions(model)), region: () => undefined };
  const sequences = Array.from({ length: count }, (_, at) =>
    productSequence(products[(first + at) % products.length], read),
  );
  const batch = buildBatch(sequences, batchOptions(model));
  const { uniform } = randomStream(1, `pixels ${first}`);
  const shape: [number, number, number, number] = [batch.images.length, model.imageSize, model.imageSize, 3];
  const pixels = Float32Array.from({ length: shape[0] * shape[1] * shape[2] * 3 }, uniform);
  return { batch, tensors: uploadBatch(batch, tf.tensor4d(pixels, shape)) };
}
