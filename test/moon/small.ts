import type { QwenConfig } from '../../src/backbones/qwen25vl/config.js';
import type { Product } from '../../src/data/types.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { buildModel } from '../../src/encoder/build-model.js';
import { trainVocabulary } from '../../src/encoder/vocabulary.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { type Batch, buildBatch, imageTokens, uploadBatch } from '../../src/moon/batch.js';
import type { ExpertsOption } from '../../src/moon/experts/option.js';
import { batchOptions, type MoonModel } from '../../src/moon/model.js';
import type { Sequence, SequenceOptions } from '../../src/moon/sequence.js';

/** A product with everything, one with only a title, and one without category: what a sequence must bear. */
export const products: Product[] = [
  {
    id: 'apple',
    title: 'Golden Delicious',
    category: ['Fruit', 'Apple'],
    attributes: { colour: ['green', 'yellow'], form: ['whole fruit'] },
    images: [picture('apple-1'), picture('apple-2')],
    description: 'A sweet apple with white flesh. It keeps for weeks.',
  },
  { id: 'title', title: 'Oat milk 1 l', category: [], attributes: {}, images: [] },
  {
    id: 'juice',
    title: 'Orange juice',
    category: [],
    attributes: { flavour: ['orange'] },
    images: [picture('juice-1')],
  },
];

export function picture(id: string) {
  return { id, source: { kind: 'file' as const, path: id } };
}

export const tokenizer = trainVocabulary(products, 300);

/** The smallest network of the architecture: nano, 32-pixel pictures, one block of experts. */
export function smallModel(
  experts: ExpertsOption = { kind: 'guided', count: 5, topK: 1, blocks: [1] },
): MoonModel<QwenConfig> {
  const network = { size: 'nano', vocabulary: 300, stem: { kind: 'patch' } } as const;
  return buildModel({ ...grocery, network, imageSize: 32, experts }, tokenizer) as MoonModel<QwenConfig>;
}

export function reading(model: MoonModel): SequenceOptions {
  return {
    tokenizer,
    imageTokens: imageTokens(batchOptions(model)),
    region: () => ({ x1: 0.2, y1: 0.2, x2: 0.8, y2: 0.8 }),
  };
}

/** A batch with seeded pixels: the same picture has the same pixels wherever it stands. */
export function batchOf(
  model: MoonModel,
  sequences: Sequence[],
): { batch: Batch; tensors: ReturnType<typeof uploadBatch> } {
  const batch = buildBatch(sequences, batchOptions(model));
  const size = model.imageSize ** 2 * 3;
  const pixels = new Float32Array(batch.images.length * size);
  batch.images.forEach(({ image, crop }, at) => {
    const { uniform } = randomStream(1, `${image.id} ${crop ? 'crop' : 'whole'}`);
    for (let i = 0; i < size; i++) pixels[at * size + i] = uniform();
  });
  const shape: [number, number, number, number] = [batch.images.length, model.imageSize, model.imageSize, 3];
  return { batch, tensors: uploadBatch(batch, tf.tensor4d(pixels, shape)) };
}
