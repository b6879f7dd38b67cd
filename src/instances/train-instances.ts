import { UserError } from '../checks/error.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { trainBytePairs } from '../text/byte-pair-trainer.js';
import { cachedTokenizer } from '../text/cached-tokenizer.js';
import { createTokenizer } from '../text/tokenizer.js';
import { trainWeights } from '../train/train-weights.js';
import { type InstanceExample, instanceBatch } from './batch.js';
import { instanceLoss } from './loss.js';
import { HIDDEN_WORD, type InstanceNetwork, initInstances } from './network.js';
import { type InstanceOption, instanceOption } from './option.js';

export interface InstanceTraining {
  seed?: number;
  onStep?: (step: number, loss: number) => void;
  signal?: AbortSignal;
}

/**
 * Learn from pictures of several products, and of single ones, with texts that name them (after CAPTURE of Product1M, arXiv 2107.14572): regions and
 * words run in streams of their own, whose means are contrasted before they meet; where they have met, hidden words and hidden regions are predicted.
 * Regions are a set of frozen features, without places.
 * @throws UserError for fewer than two examples, examples without regions or of features of different widths, or no loss with a weight
 * @example
 * ```ts
 * const regions = [Float32Array.of(1, 0, 0), Float32Array.of(0, 1, 0)];
 * const examples = [
 *   { id: 'a', text: 'red cup, blue bowl', regions, products: ['cup', 'bowl'] },
 *   { id: 'b', text: 'red cup', regions: [regions[0]], products: ['cup'] },
 * ];
 * const network = await moon.instances.trainInstances(examples, { steps: 10, batch: 2, width: 16 });
 * ```
 */
export async function trainInstances(
  examples: readonly InstanceExample[],
  given: InstanceOption = {},
  { seed = 1, onStep, signal }: InstanceTraining = {},
): Promise<InstanceNetwork> {
  const option = instanceOption(given);
  if (!(option.contrast || option.words || option.regions))
    throw new UserError('instances: contrast, words and regions are all 0, expected a weight above 0 for one of them.');
  const features = checkExamples(examples);
  const stream = randomStream(seed, 'instances');
  const texts = examples.map(({ text }) => text);
  const json = trainBytePairs(texts, { vocabSize: option.vocabulary, specials: [HIDDEN_WORD] });
  const tokenizer = cachedTokenizer(createTokenizer(json));
  const start = initInstances(option, tokenizer.size, features, stream.child('init'));
  const longest = texts.reduce((most, text) => Math.max(most, tokenizer.encode(text).length), 1);
  const shape = {
    tokens: Math.min(option.tokens, longest),
    regions: Math.max(...examples.map(({ regions }) => regions.length)),
    features,
  };
  const next = batches(examples, Math.min(option.batch, examples.length), stream.child('order'));
  const hide = stream.child('hide');
  try {
    const weights = await trainWeights({
      name: 'instance step',
      captures: option,
      weights: start,
      loss: (weights, batch: ReturnType<typeof instanceBatch>) => instanceLoss(option, weights, batch),
      batchOf: () => ({ tensors: instanceBatch(next(), tokenizer, option, shape, hide), kind: undefined }),
      steps: option.steps,
      rate: option.rate,
      onStep,
      signal,
    });
    return { option, tokenizer, features, weights };
  } finally {
    tf.dispose(start);
  }
}

/** @returns width of the features */
function checkExamples(examples: readonly InstanceExample[]): number {
  if (examples.length < 2)
    throw new UserError(`examples: got ${examples.length}, expected at least two. Each is contrasted with the others.`);
  const width = examples[0].regions[0]?.length ?? 0;
  for (const { id, regions } of examples) {
    if (!regions.length) throw new UserError(`examples: ${id} has no region, expected at least one.`);
    const wrong = regions.find(({ length }) => length !== width);
    if (wrong)
      throw new UserError(
        `examples: ${id} has a region of ${wrong.length} features, expected ${width} as in the first.`,
      );
  }
  return width;
}

/** Batches of examples, in a new order for every pass. */
function batches<T>(all: readonly T[], count: number, stream: RandomStream): () => T[] {
  let order: T[] = [];
  return () => {
    if (order.length < count) order = stream.shuffle([...all]);
    return order.splice(0, count);
  };
}
