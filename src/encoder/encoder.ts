import { familyOf } from '../backbones/families.js';
import type { MoonConfig } from '../config/config.js';
import type { TrainedOn } from '../data/trained-on.js';
import type { FlatLayout } from '../engine/flat-weights.js';
import type * as tf from '../engine/tf.js';
import { imageTokens } from '../moon/batch.js';
import { batchOptions, type MoonModel } from '../moon/model.js';
import type { SequenceOptions } from '../moon/sequence.js';
import { gridBySize } from '../moon/visual-tokens.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { SequenceImage } from '../pictures/shown-picture.js';
import { ocrOption } from '../pictures/words/ocr-option.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { frozenTextOf } from './frozen-text.js';

/**
 * A model ready to embed: its architecture, its tokenizer, and its weights in one flat tensor.
 * @example
 * ```ts
 * const { config, tokenizer, parameters }: moon.Encoder = moon.loadBest('runs/start/seed-1');
 * console.log(config.network, tokenizer.size, parameters.size);
 * parameters.dispose();
 * ```
 */
export interface Encoder {
  config: MoonConfig;
  model: MoonModel;
  tokenizer: Tokenizer;
  parameters: tf.Tensor1D;
  layout: FlatLayout;
  /** The record of its training data; undefined if unknown, e.g. for weights without their run. */
  trainedOn?: TrainedOn;
}

/** The options by which an encoder converts products and queries to token sequences. */
export function sequenceOptions({ config, model, tokenizer }: Encoder, pixels: Pixels): SequenceOptions {
  const region = config.region.kind === 'none' ? undefined : pixels.boxOf;
  const { maxTextTokens } = config;
  const views = config.vision.kind === 'none' ? 'none' : config.views;
  const { marks } = familyOf(model.network);
  const gridOfSize = gridBySize(model);
  const gridOf = gridOfSize && ((picture: SequenceImage) => gridOfSize(pixels.sizeOf(picture)));
  const frozenText = frozenTextOf(config.text);
  const words = ocrOption(config.ocr).kind === 'none' ? undefined : pixels.wordsOf;
  const perImage = imageTokens(batchOptions(model));
  return { tokenizer, frozenText, imageTokens: perImage, gridOf, marks, region, views, words, maxTextTokens };
}
