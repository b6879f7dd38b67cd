import { checkConfig } from '../config/check-config.js';
import type { MoonConfig } from '../config/config.js';
import { configSummary } from '../config/config-summary.js';
import { type TrainedOn, trainedOnNothing } from '../data/trained-on.js';
import { collectTrainingSet } from '../data/training-set.js';
import type { Catalogue } from '../data/types.js';
import { type FlatLayout, flatten } from '../engine/flat-weights.js';
import { randomStream } from '../engine/random.js';
import { summarised } from '../engine/summary.js';
import * as tf from '../engine/tf.js';
import { startTemperature, TEMPERATURE } from '../losses/temperature.js';
import { imageTokens } from '../moon/batch.js';
import { batchOptions, initMoon, type MoonModel } from '../moon/model.js';
import type { SequenceOptions } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { buildModel } from './build-model.js';
import { trainVocabulary } from './vocabulary.js';

/** A model ready to embed: its architecture, its tokenizer, and its weights in one flat tensor. */
export interface Encoder {
  config: MoonConfig;
  model: MoonModel;
  tokenizer: Tokenizer;
  parameters: tf.Tensor1D;
  layout: FlatLayout;
  /** The record of its training data; undefined if unknown, e.g. for weights without their run. */
  trainedOn?: TrainedOn;
}

/**
 * Create an untrained encoder: the start of training, and the untrained control of every table. Trains the tokenizer and samples the
 * weights.
 * @throws UserError for a wrong config
 */
export function startNetwork(config: MoonConfig, catalogue: Catalogue): Encoder {
  checkConfig(config);
  const tokenizer = trainVocabulary(
    collectTrainingSet(catalogue).products.map(({ product }) => product),
    config.network.vocabulary,
  );
  const model = buildModel(config, tokenizer);
  const weights = initMoon(model, randomStream(config.seed, 'init'));
  weights[TEMPERATURE] = tf.tensor1d([startTemperature(config.temperature)]);
  return summarised({ config, model, tokenizer, ...flatten(weights), trainedOn: trainedOnNothing }, networkSummary);
}

/** The options by which an encoder converts products and queries to token sequences. */
export function sequenceOptions({ config, model, tokenizer }: Encoder, pixels: Pixels): SequenceOptions {
  const region = config.region.kind === 'none' ? undefined : pixels.boxOf;
  const { views, maxTextTokens } = config;
  return { tokenizer, imageTokens: imageTokens(batchOptions(model)), region, views, maxTextTokens };
}

function networkSummary({ config, model, parameters }: Encoder): string {
  const { depth, width, vocabSize } = model.network.text;
  return `Network: ${parameters.size.toLocaleString('en')} parameters, ${depth} blocks of width ${width}, ${vocabSize} tokens; of\n${configSummary(config)}`;
}
