import type { MoonConfig } from '../../config/config.js';
import { pruneRows } from '../changes/prune-rows.js';
import type { Study } from './study.js';
import { writer, writerShop } from './writer.js';

/** Deep, since with few blocks ratios of blocks have nothing to share. */
const base: MoonConfig = {
  ...writer,
  network: { ...writer.network, depth: 8 },
  captioning: { kind: 'captions', fraction: 0.6, questions: ['category', 'attribute'], when: 'between' },
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
  data: writerShop,
  budget: { kind: 'items', steps: 400 },
  split: 'val',
  tasks: ['answers.category', 'classification.leaf', 'directions.i-mm'],
  prediction:
    'Damage falls from random over magnitude and Wanda to SparseGPT, and the gaps grow from 50 to 70%. Tokens chosen by AMIA are ahead of as many random ones, since most tokens are of pictures. Ratios of blocks (DAS, OWL, ECoFLaP) matter little with 8 blocks.',
};
