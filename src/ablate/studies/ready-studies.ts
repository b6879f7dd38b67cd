import { grocery } from '../../datasets/grocery/recipes.js';
import { shop as shopBase } from '../../datasets/shop/recipes.js';
import * as removals from '../changes/removals.js';
import { bfloat16 } from '../changes/variations.js';
import { firstStage } from './first-stage-study.js';
import { frozenParts } from './frozen-parts-study.js';
import { merge, mergeLora, mergeSteps } from './merge-studies.js';
import { moon2, moon2Photos, moonVsMoon2 } from './moon2-studies.js';
import { noteLlm2 } from './notellm2-study.js';
import { pretrained } from './pretrained-study.js';
import { prune } from './prune-study.js';
import type { Study } from './study.js';
import { groceryData } from './study-data.js';

/** The three removals of the paper, most damaging first. */
const paperRemovals = {
  withoutRegions: removals.withoutRegions,
  withoutGuidance: removals.withoutGuidance,
  withoutSpatialTemporal: removals.withoutSpatialTemporal,
};

const onGrocery = {
  base: grocery,
  seeds: [1, 2, 3],
  data: groceryData,
  split: 'val',
} as const satisfies Partial<Study>;

/** The ablation table of the paper on real photos: 12 trials. */
export const paper: Study = {
  ...onGrocery,
  name: 'paper',
  changes: paperRemovals,
  budget: { kind: 'items', steps: 300 },
  prediction:
    'The order of damage in the paper: regions, guidance, spatial and temporal negatives. With 81 products negatives can hardly matter: 128 random queries already touch 65 of them.',
};

/** A full factorial of the three removals, for main effects and interactions. */
export const factorial: Study = {
  ...onGrocery,
  name: 'factorial',
  changes: {},
  factors: paperRemovals,
  budget: { kind: 'items', steps: 80 },
  split: 'dev',
  prediction: 'The three removals add up: none of them needs another to do damage.',
};

/** Experts compared with a dense network of equally many active parameters. */
export const experts: Study = {
  ...onGrocery,
  name: 'experts',
  changes: { withoutExperts: removals.withoutExperts, withoutGuidance: removals.withoutGuidance },
  budget: { kind: 'items', steps: 160 },
  split: 'dev',
};

/**
 * Negatives on a shop of 5,000 products, where they can matter: products are sampled individually, each with a hard negative, and a short
 * queue starts half-way. The queue was chosen on dev with one seed: a queue of 512 items lets a network that trains from scratch diverge
 * from its past embeddings, whether it starts at a tenth or at half of training.
 */
export const negatives: Study = {
  name: 'negatives',
  base: {
    ...shopBase,
    sampler: { ...shopBase.sampler, products: 48 },
    negatives: { ...shopBase.negatives, temporal: { kind: 'queue', size: 64, start: 0.5 } },
  },
  changes: {
    ...paperRemovals,
    withoutHard: removals.withoutHard,
    onlyInBatch: removals.onlyInBatch,
  },
  seeds: [1, 2, 3],
  data: { kind: 'shop', options: { products: 5000, imageSize: 40, views: 1, evaluationQueries: 1000 } },
  budget: { kind: 'items', steps: 400 },
  split: 'val',
  prediction:
    'Regions matter most, since half of the scenes are cluttered; negatives of other groups and past steps help where 5,000 products are more than a step shows.',
};

/** Steps in bfloat16 beside float32: 6 trials. */
export const precision: Study = {
  ...onGrocery,
  name: 'precision',
  changes: { bfloat16 },
  budget: { kind: 'items', steps: 700 },
  split: 'dev',
  prediction:
    'MRR in bfloat16 is within the interval of float32, with a difference below that of two seeds, and no trial diverges.',
};

/**
 * The studies that `npx moon-lab ablate --study NAME` runs, by name.
 * @example
 * ```ts
 * const { paper } = moon.readyStudies;
 * for (const { name, difference } of moon.ablate.planRows(paper)) console.log(name, difference.map(({ path }) => path));
 * ```
 */
export const readyStudies = {
  paper,
  factorial,
  experts,
  negatives,
  precision,
  'frozen-parts': frozenParts,
  pretrained,
  moon2,
  'moon2-photos': moon2Photos,
  'moon-vs-moon2': moonVsMoon2,
  prune,
  merge,
  'merge-lora': mergeLora,
  'merge-steps': mergeSteps,
  'first-stage': firstStage,
  notellm2: noteLlm2,
} satisfies Record<string, Study>;
