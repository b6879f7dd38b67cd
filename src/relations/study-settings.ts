import { writer } from '../ablate/studies/writer.js';
import type { MoonConfig } from '../config/config.js';
import { withSteps } from '../config/with-steps.js';
import type { ShopRelationOptions } from '../datasets/shop/relations.js';
import type { ShopOptions } from '../datasets/shop/settings.js';
import type { RelationOption } from './option.js';

/** Name of the study of relations, whose rows are not changes of a base. */
export const RELATIONS = 'relations';

/** The study of relations: its shop, the encoder of contents, links, and training. */
export interface RelationSettings {
  shop: ShopOptions;
  /** The encoder whose embeddings are the contents; the seed replaces its own. */
  encoder: MoonConfig;
  links: Omit<ShopRelationOptions, 'wrong'>;
  /** Percent of the training edges that break the rule. */
  wrong: readonly number[];
  /** The one of them at which tasks inside of a leaf and of edgeless items are measured too. */
  closerAt: number;
  training: RelationOption;
}

export const relationSettings: RelationSettings = {
  shop: {
    products: 3000,
    imageSize: 64,
    views: 1,
    nearIdentical: 0.3,
    clutter: 0.3,
    watermark: 0,
    trainQueries: 3000,
    evaluationQueries: 10,
    split: { train: 0.9, dev: 0.05, val: 0.05, test: 0 },
  },
  encoder: withSteps({ ...writer, captioning: { kind: 'none' } }, 400),
  links: { edges: 6000, tail: 0.5, edgeless: 0.2, heldOut: 500 },
  wrong: [0, 20, 40, 60],
  closerAt: 40,
  training: { steps: 800, rate: 3e-3 },
};

/** Written before the study ran. */
export const relationPrediction =
  'The full model is ahead of content alone and of edges alone. What learned factors of edges add grows with the fraction of wrong edges, from nothing at 0%; the gate helps items without edges; views add little. Pairs of leaves answer complements well among all items and no better than chance within the right leaf.';
