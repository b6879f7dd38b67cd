import { augmentBatch, DEFAULT_AUGMENT, drawAugmentation } from '../data/augment.js';
import type { Catalogue } from '../data/types.js';
import { UserError } from '../engine/check.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { buildBatch, imageTokens, uploadBatch } from '../moon/batch.js';
import { batchOptions, initMoon, type MoonModel } from '../moon/model.js';
import {
  productSequence,
  querySequence,
  type Sequence,
  type SequenceImage,
  type SequenceOptions,
} from '../moon/sequence.js';
import { emptyQueue, pushQueue } from '../negatives/queue.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { adamW, learningRate, startAdamW } from './adamw.js';
import { buildModel } from './build-model.js';
import type { MoonConfig } from './config.js';
import { contrastiveStep, TEMPERATURE, type Uploaded } from './contrastive-step.js';
import { collectCorpus } from './corpus.js';
import { drawStep } from './draw.js';
import { type FlatLayout, flatten } from './flat.js';
import type { Pixels } from './pixels.js';
import { trainVocabulary } from './vocabulary.js';

/** One step of training as a plain record. */
export interface StepRecord {
  step: number;
  steps: number;
  loss: number;
  positive: number;
  negative: number;
  accuracy: number;
  balance: number;
  temperature: number;
  rate: number;
  gradientNorm: number;
  /** Of this step; `dataSeconds` of it went into pixels and batches on the host. */
  seconds: number;
  dataSeconds: number;
}

/** A network ready to embed: the model, its tokenizer and its weights in one flat tensor. */
export interface Trained {
  config: MoonConfig;
  model: MoonModel;
  tokenizer: Tokenizer;
  parameters: tf.Tensor1D;
  layout: FlatLayout;
}

export interface TrainOptions {
  onStep?: (record: StepRecord) => void;
  /** Stops after the running step. */
  signal?: AbortSignal;
}

/** A network before its first step: also the untrained control of every table. */
export function startNetwork(config: MoonConfig, catalogue: Catalogue): Trained {
  const tokenizer = trainVocabulary(
    collectCorpus(catalogue).products.map(({ product }) => product),
    config.network.vocabulary,
  );
  const model = buildModel(config, tokenizer);
  const weights = initMoon(model, randomStream(config.seed, 'init'));
  weights[TEMPERATURE] = tf.tensor1d([Math.log(config.temperature.start)]);
  return { config, model, tokenizer, ...flatten(weights) };
}

/** How a network reads a product or a query. */
export function sequenceOptions({ config, model, tokenizer }: Trained, pixels: Pixels): SequenceOptions {
  const region = config.region.kind === 'none' ? undefined : pixels.boxOf;
  return { tokenizer, imageTokens: imageTokens(batchOptions(model)), region };
}

/**
 * Train on the pairs of the split `train`, by the paper's algorithm (figure 4a): draw products and queries, embed both sides with
 * the one network, pull each query to what was bought and away from the batch's other items and the queue's, update, and let the
 * items enter the queue. Updates `trained` in place.
 * @throws UserError when the loss is not finite, with the step and the queries of its batch.
 */
export async function train(
  trained: Trained,
  catalogue: Catalogue,
  pixels: Pixels,
  { onStep, signal }: TrainOptions = {},
): Promise<void> {
  const { config, model, layout } = trained;
  const { steps, warmUp, rate: peak, ...adam } = config.optimizer;
  const corpus = collectCorpus(catalogue);
  const drawing = randomStream(config.seed, 'draw');
  const cropping = randomStream(config.seed, 'crop');
  const read = sequenceOptions(trained, pixels);
  const optimizer = startAdamW(layout);
  let queue = emptyQueue(config.queue.size, model.network.text.width);

  for (let step = 0; step < steps && !signal?.aborted; step++) {
    const started = performance.now();
    const { items, itemImages, queries, positiveOf } = drawStep(corpus, config.draw, drawing);
    const offered = items.map(({ product }, row) => productSequence({ ...product, images: [itemImages[row]] }, read));
    const asked = queries.map((query) => querySequence(query, read));
    const itemProducts = Int32Array.from(items, ({ number }) => number);
    const input = {
      queries: upload(model, asked, pixels, cropping),
      items: upload(model, offered, pixels, cropping),
      positiveOf: tf.tensor1d(positiveOf, 'int32'),
      queryProducts: tf.tensor1d(
        positiveOf.map((row) => itemProducts[row]),
        'int32',
      ),
      itemProducts: tf.tensor1d(itemProducts, 'int32'),
    };
    const dataSeconds = (performance.now() - started) / 1000;

    const useQueue = config.queue.size > 0 && step >= config.queue.warmUp * steps;
    const output = contrastiveStep(model, config, trained.parameters, layout, useQueue ? { ...input, queue } : input);
    const rate = learningRate(step, steps, peak, warmUp);
    const { parameters, norm } = adamW(trained.parameters, output.gradient, optimizer, { rate, ...adam });
    trained.parameters = parameters;
    queue = pushQueue(queue, output.itemEmbeddings, input.itemProducts);

    const {
      total: loss,
      positive,
      negative,
      accuracy,
      balance,
      temperature,
      gradientNorm,
    } = await readScalars({
      ...output.record,
      gradientNorm: norm,
    });
    tf.dispose([input.queries.tensors, input.items.tensors, input.positiveOf, input.queryProducts, input.itemProducts]);
    tf.dispose([output.gradient, output.itemEmbeddings]);
    if (!Number.isFinite(loss))
      throw new UserError(
        `Step ${step}: the loss is ${loss}. Its queries were ${queries.map(({ id }) => id).join(', ')}. Lower optimizer.rate or look at these inputs.`,
      );
    const seconds = (performance.now() - started) / 1000;
    onStep?.({
      step: step + 1,
      steps,
      loss,
      positive,
      negative,
      accuracy,
      balance,
      temperature,
      gradientNorm,
      rate,
      seconds,
      dataSeconds,
    });
    // Lets timers, progress bars and an interrupt in a notebook have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  tf.dispose([queue.embeddings, queue.products, optimizer.mean, optimizer.variance, optimizer.decays]);
}

function upload(model: MoonModel, sequences: Sequence[], pixels: Pixels, stream: RandomStream): Uploaded {
  const batch = buildBatch(sequences, batchOptions(model));
  const variations = batch.images.map((picture) => drawVariation(picture, stream));
  const values = augmentBatch(batch.images.map(pixels.rasterOf), variations, model.imageSize);
  return { batch, tensors: uploadBatch(batch, values, model.imageSize) };
}

/** A crop is already cut to the subject: it is only jittered, where a whole image loses up to 70% of its area. */
function drawVariation({ crop }: SequenceImage, stream: RandomStream) {
  return drawAugmentation(stream, crop ? { ...DEFAULT_AUGMENT, area: [0.7, 1] } : DEFAULT_AUGMENT);
}

/** One trip to the host for all scalars of a step. Frees them. */
async function readScalars<Name extends string>(scalars: Record<Name, tf.Scalar>): Promise<Record<Name, number>> {
  const names = Object.keys(scalars) as Name[];
  const stacked = tf.stack(names.map((name) => scalars[name]));
  const values = await stacked.data();
  tf.dispose([stacked, Object.values(scalars)]);
  return Object.fromEntries(names.map((name, at) => [name, values[at]])) as Record<Name, number>;
}
