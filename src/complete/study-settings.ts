import { writer, writerShop } from '../ablate/studies/writer.js';
import type { MoonConfig } from '../config/config.js';
import { withSteps } from '../config/with-steps.js';
import type { ShopOptions } from '../datasets/shop/settings.js';
import type { ShopperOptions } from '../datasets/shop/shoppers.js';
import type { RecommenderOption } from './recommender.js';
import type { WriterTuning } from './tuned-writers.js';

/** Name of the study of completion, whose rows are not changes of a base. */
export const COMPLETION = 'completion';

/** The study of completion: its shop, the network that writes and retrieves, and how much is missing. */
export interface CompletionSettings {
  shop: ShopOptions;
  /** The seed replaces its own. */
  encoder: MoonConfig;
  /** Percent of the gallery that lacks its title, or its picture. */
  rates: readonly number[];
  /** The one of them at which the products that were filled are measured alone too. */
  closerAt: number;
  /** Products whose titles and pictures are taken away are those of this split. */
  split: 'dev' | 'val';
  /** Most tokens of a title that is written. */
  most: number;
  /** The sentence encoder that says how alike two titles are; undefined: that is not measured. */
  match: string | undefined;
  /** Further training by rewards, and by as many updates on titles. */
  tuning: WriterTuning;
  /** Shoppers who buy from the gallery, and their last purchases, which are recommended. */
  shoppers: Pick<ShopperOptions, 'count' | 'purchases' | 'strength'>;
  heldOut: number;
  recommender: RecommenderOption;
}

export const completionSettings: CompletionSettings = {
  shop: writerShop.options,
  encoder: withSteps(
    {
      ...writer,
      captioning: { kind: 'captions', fraction: 0.6, questions: ['title', 'attribute'], when: 'between' },
      sampler: { ...writer.sampler, mix: { image: 1, text: 2, product: 0 } },
    },
    1000,
  ),
  rates: [20, 50, 80, 100],
  closerAt: 50,
  split: 'val',
  most: 24,
  match: 'minilm',
  tuning: { steps: 120, rate: 1e-4, products: 8, samples: 8 },
  shoppers: { count: 150, purchases: 8, strength: 3 },
  heldOut: 2,
  recommender: { decay: 0.002 },
};

/** Written before the study ran. */
export const completionPrediction =
  'For titles, in this order of MRR at 100%: oracle, neighbour, decoder, drop, the title of a random product. The decoder is above the blind decoder in true facts, and hardly in token F1. Rewards lift the true facts of the decoder above what as many updates on titles do, and leave the blind one where it is. For pictures: oracle, neighbour, drop, mean, zero, random. Recommendations differ less than searches: at 100% the best filler is ahead of zeros by a few points.';
