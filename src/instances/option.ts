import { fillIn } from '../checks/fill-in.js';
import { type Filled, fraction, integer, number, record } from '../checks/schema.js';

/** A network of two streams that meet (after CAPTURE of Product1M), and how it is trained. */
export interface InstanceOption {
  /** Weights of the three losses: the contrast of the streams before they meet, the hidden words, and the hidden regions. */
  contrast?: number;
  words?: number;
  regions?: number;
  /** Fraction of words and of regions that are hidden, where they have a weight. */
  hidden?: number;
  temperature?: number;
  width?: number;
  heads?: number;
  /** Blocks of each stream before they meet, layers in which each attends to the other, and blocks of both together. */
  blocks?: number;
  meeting?: number;
  joint?: number;
  /** Number of tokens of the vocabulary, which is learned from the texts. */
  vocabulary?: number;
  /** Longer texts are cut. */
  tokens?: number;
  steps?: number;
  batch?: number;
  rate?: number;
}

export const instanceSchema = record<InstanceOption>({
  contrast: number({ min: 0, default: 1, help: 'weight of the contrast of the streams before they meet' }),
  words: number({ min: 0, default: 0, help: 'weight of the loss of hidden words' }),
  regions: number({ min: 0, default: 0, help: 'weight of the loss of hidden regions' }),
  hidden: fraction({ default: 0.15, help: 'the fraction of words and of regions that are hidden' }),
  temperature: number({ min: 0.001, max: 10, default: 0.07, help: 'temperature of the contrast' }),
  width: integer({ min: 4, max: 4096, default: 128, help: 'width of tokens and of embeddings' }),
  heads: integer({ min: 1, max: 64, default: 4, help: 'heads of attention' }),
  blocks: integer({ min: 1, max: 48, default: 2, help: 'blocks of each stream before they meet' }),
  meeting: integer({ min: 1, max: 48, default: 1, help: 'layers in which each stream attends to the other' }),
  joint: integer({ min: 1, max: 48, default: 1, help: 'blocks of both streams together' }),
  vocabulary: integer({ min: 300, max: 200_000, default: 800, help: 'tokens of the vocabulary' }),
  tokens: integer({ min: 2, max: 4096, default: 96, help: 'tokens of a text; longer ones are cut' }),
  steps: integer({ min: 1, max: 10_000_000, default: 300, help: 'updates' }),
  batch: integer({ min: 2, max: 65_536, default: 64, help: 'pictures of an update' }),
  rate: number({ min: 0, max: 1, default: 2e-3, help: 'peak of the learning rate' }),
});

/** The option with its defaults filled in. @throws UserError for a wrong value */
export const instanceOption = (option: InstanceOption = {}): Filled<InstanceOption> =>
  fillIn(instanceSchema, option, 'instances');
