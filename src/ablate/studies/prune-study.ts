import type { MoonConfig } from '../../config/config.js';
import { groceryFrozen } from '../../datasets/grocery/recipes.js';
import { pruneRows } from '../changes/prune-rows.js';
import type { Study } from './study.js';
import { groceryData } from './study-data.js';

/** A deep, dense language model over frozen features: with few blocks ratios of blocks have nothing to share. */
const base: MoonConfig = {
  ...groceryFrozen,
  network: { ...groceryFrozen.network, depth: 8 },
  experts: { kind: 'none' },
};

const methods = [
  'random',
  'magnitude',
  'magnitude-network',
  'wanda',
  'sparsegpt',
  'owl',
  'owl-opposite',
  'ecoflap',
  'das',
  'amia',
  'random-tokens',
  'tamp',
] as const;

/** Pruning after training, without any further update, at equal numbers of zeros. The seed of a base also draws the calibration pairs. */
export const prune: Study = {
  name: 'prune',
  base,
  changes: pruneRows(methods, [50, 60, 70]),
  seeds: [1, 2, 3],
  data: groceryData,
  budget: { kind: 'items', steps: 400 },
  split: 'val',
  tasks: ['g1.full', 'g3.full'],
  prediction:
    'Damage falls from random over magnitude and Wanda to SparseGPT, and the gaps grow from 50 to 70%. Tokens chosen by AMIA are ahead of as many random ones on photos, whose sequences are mostly image tokens, and not on titles. Ratios of blocks (DAS, OWL, ECoFLaP) matter little with 8 blocks.',
};
