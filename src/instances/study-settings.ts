import type { ShopOptions } from '../datasets/shop/settings.js';
import type { InstanceOption } from './option.js';
import type { RegionVision } from './region-features.js';

/** Name of the study of several products in a picture, whose rows are not changes of a base. */
export const INSTANCES = 'instances';

/** The study of instances: its shop, its pictures of several products, and training. */
export interface InstanceSettings {
  shop: ShopOptions;
  vision: RegionVision;
  /** Pictures of several products to learn from, and those whose products are looked for. */
  groups: { train: number; asked: number };
  /** Products of this split are looked for, among the single pictures of all products of it. */
  split: 'dev' | 'val';
  /** Boxes that each proposer may give. */
  boxes: number;
  /** Pasted pictures that the learned proposer sees, and its updates. */
  proposer: { composites: number; steps: number };
  training: InstanceOption;
}

export const instanceSettings: InstanceSettings = {
  shop: {
    products: 1200,
    imageSize: 64,
    views: 3,
    nearIdentical: 0.3,
    clutter: 0,
    watermark: 0,
    trainQueries: 10,
    evaluationQueries: 10,
    split: { train: 0.7, dev: 0.1, val: 0.2, test: 0 },
  },
  vision: { model: 'efficientnet-lite0', width: 1280 },
  groups: { train: 1000, asked: 200 },
  split: 'val',
  boxes: 4,
  proposer: { composites: 1200, steps: 800 },
  training: {},
};

/** Written before the study ran. */
export const instancePrediction =
  'By AR@10 of photos, boxes that are given are ahead of those learned from pasted pictures, these of salient parts, and these of the whole picture. Contrast matters most: without it nothing is found; hidden words and hidden regions add little. The caption, which names the products, finds more than the photo, by BM25 too.';
