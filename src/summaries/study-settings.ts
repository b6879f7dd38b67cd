import { writer } from '../ablate/studies/writer.js';
import type { MoonConfig } from '../config/config.js';
import type { ShopOptions } from '../datasets/shop/settings.js';

/** Name of the study of summaries, whose rows are networks and controls that need none. */
export const SUMMARY = 'summary';

/** The study of summaries: its shop and the network that writes, with all losses. */
export interface SummarySettings {
  shop: ShopOptions;
  /** The seed replaces its own. */
  encoder: MoonConfig;
  /** Products whose summaries are written are those of this split. */
  split: 'dev' | 'val';
  /** Most tokens of a summary. */
  most: number;
}

const words = { image: 0, text: 1, product: 0 };

export const summarySettings: SummarySettings = {
  shop: {
    products: 1000,
    imageSize: 64,
    views: 1,
    nearIdentical: 0.5,
    clutter: 0.5,
    watermark: 0,
    trainQueries: 700,
    mix: words,
    evaluationQueries: 10,
    split: { train: 0.7, dev: 0.1, val: 0.2, test: 0 },
  },
  encoder: {
    ...writer,
    region: { kind: 'none' },
    network: { ...writer.network, vocabulary: 900 } as MoonConfig['network'],
    maxTextTokens: 128,
    sampler: { ...writer.sampler, products: 16, queries: 1, together: 2, mix: words },
    captioning: { kind: 'summaries', fraction: 1 },
    promptGate: { kind: 'attend', after: 1 },
    optimizer: { ...writer.optimizer, steps: 500 },
  },
  split: 'val',
  most: 24,
};

/** Written before the study ran. */
export const summaryPrediction =
  'The photo helps the facts that only the photo shows, and those alone: without it, or with the photo of another product, they fall to what a guess has, and the facts of the text stay. The loss of words lifts the facts of photos most; without any one of the other losses nothing can be distinguished. ROUGE-L hardly tells a network that sees from one that does not, since all write alike. The first sentence states almost none of the facts; the template of attributes has those of the text and makes false claims, as it takes the options of other products for the product.';
