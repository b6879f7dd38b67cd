import type { MoonConfig } from '../../config/config.js';
import { smol } from '../../datasets/grocery/pretrained-recipes.js';
import { captionsFirst, connectorOnly, fromScratch, fullTuning, untouched } from '../changes/pretrained-changes.js';
import { withoutGuidance, withoutRegions, withoutSpatialTemporal } from '../changes/removals.js';
import type { Study } from './study.js';
import { groceryData } from './study-data.js';

/** Fewer products a step than the recipe, so that a trial takes a few minutes. */
export const pretrainedBase: MoonConfig = { ...smol, sampler: { ...smol.sampler, products: 16 } };

export const onPretrained = {
  seeds: [1, 2, 3],
  data: groceryData,
  budget: { kind: 'items', steps: 120 },
  split: 'val',
  tasks: ['g1.full', 'g3.full', 'g5.coarse'],
} as const satisfies Partial<Study>;

/** What pretraining brings to the smol recipe, how much of the network must be tuned, and the paper's removals on it. */
export const pretrained: Study = {
  ...onPretrained,
  name: 'pretrained',
  base: pretrainedBase,
  changes: {
    untouched,
    connectorOnly,
    fullTuning,
    fromScratch,
    captionsFirst,
    withoutRegions,
    withoutGuidance,
    withoutSpatialTemporal,
  },
  prediction:
    'On photos of seen products the frozen picture features carry the result: adapters, full tuning and the network from scratch are not distinguishable, the connector alone is a little worse, the untouched network near chance. Captions first do harm, as they did on dev. Titles that training did not hold are found better by the pretrained network than from scratch. Regions matter as they do from scratch; guidance and negatives do not show.',
};
