import { type DecoderConfig, smallDecoder } from '../backbones/layers/decoder-config.js';
import { TOKENS } from '../backbones/layers/decoder-names.js';
import { decoderShapes } from '../backbones/layers/decoder-shapes.js';
import { initDecoder } from '../backbones/layers/init-decoder.js';
import { wrongOption } from '../checks/error.js';
import type { Filled } from '../checks/schema.js';
import type { Weights } from '../engine/flat-weights.js';
import type { RandomStream } from '../engine/random.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { InstanceOption } from './option.js';

/** A network that reads the regions of a picture and a text in two streams which then meet. The caller frees its weights. */
export interface InstanceNetwork {
  option: Filled<InstanceOption>;
  tokenizer: Tokenizer;
  /** Width of the features of a region. */
  features: number;
  weights: Weights;
}

/** What stands for a hidden word. */
export const HIDDEN_WORD = '<|mask|>';

/** Parts of the network; each has a name in front of those of its weights. */
export const parts = { words: 'words.', regions: 'regions.', joint: 'joint.' } as const;

export const names = {
  /** Features of a region to a token [width, features], and what stands for a hidden one [1, width] */
  region: 'region.weight',
  regionBias: 'region.bias',
  hiddenRegion: 'region.hidden',
  /** A token to the features of a region [features, width] */
  features: 'features.weight',
  featuresBias: 'features.bias',
  /** Of the words in a meeting layer, with `words`, or of the regions */
  meeting: (layer: number, of: 'words' | 'regions') => `meeting.${layer}.${of}.`,
};

const RANGE = 0.05;

/** The blocks of one part. @param depth number of blocks @throws UserError for a width that the heads do not divide in even parts */
export function blocksOf(
  { width, heads, tokens }: Filled<InstanceOption>,
  depth: number,
  vocabSize = 1,
): DecoderConfig {
  if (width % (2 * heads)) throw wrongOption('instances.width', width, `a multiple of ${2 * heads}, twice the heads`);
  const blocks = smallDecoder({ vocabSize, depth, width, heads, maxPositions: tokens, initRange: RANGE });
  return { ...blocks, attentionBias: false };
}

export function initInstances(
  option: Filled<InstanceOption>,
  vocabulary: number,
  features: number,
  stream: RandomStream,
): Weights {
  const { width, blocks, joint, meeting } = option;
  const shapes: Record<string, number[]> = {
    [names.region]: [width, features],
    [names.regionBias]: [width],
    [names.hiddenRegion]: [1, width],
    [names.features]: [features, width],
    [names.featuresBias]: [features],
  };
  const add = (part: keyof typeof parts, config: DecoderConfig) => {
    for (const [name, shape] of Object.entries(decoderShapes(config, true)))
      if (part === 'words' || name !== TOKENS) shapes[parts[part] + name] = shape;
  };
  add('words', blocksOf(option, blocks, vocabulary));
  add('regions', blocksOf(option, blocks));
  add('joint', blocksOf(option, joint));
  for (let layer = 0; layer < meeting; layer++)
    for (const of of ['words', 'regions'] as const) {
      const name = names.meeting(layer, of);
      for (const projection of ['query', 'key', 'value', 'output'])
        shapes[`${name}${projection}.weight`] = [width, width];
      for (const norm of ['own', 'other']) shapes[`${name}${norm}.norm`] = [width];
    }
  return initDecoder(shapes, RANGE, stream);
}
