import type { MoonConfig } from '../../config/config.js';
import { groceryFrozen } from '../../datasets/grocery/recipes.js';
import type { StudyData } from './study-data.js';

/** A small shop for studies of trained weights, whose networks need few updates: most of what they know they learned here. */
export const writerShop = {
  kind: 'shop',
  options: {
    products: 1000,
    imageSize: 64,
    views: 1,
    nearIdentical: 0.5,
    clutter: 0.5,
    watermark: 0,
    trainQueries: 2000,
    evaluationQueries: 200,
    split: { train: 0.7, dev: 0.1, val: 0.1, test: 0.1 },
  },
} as const satisfies StudyData;

/**
 * A dense language model on frozen features of pictures that retrieves and writes: between its contrastive steps it answers questions about its
 * pictures. It reads causally, as the networks of the papers on merging and pruning do. Most steps are of questions, since it learns to retrieve
 * faster than to write: tuning then gains something on every task.
 */
export const writer: MoonConfig = {
  ...groceryFrozen,
  vision: { kind: 'onnx', model: 'efficientnet-lite0', pool: 3, views: 1 },
  network: { ...groceryFrozen.network, size: 'nano', vocabulary: 600, depth: 4 },
  experts: { kind: 'none' },
  attention: 'causal',
  region: { kind: 'boxes' },
  sampler: { ...groceryFrozen.sampler, products: 32, queries: 1, together: 2 },
  captioning: { kind: 'captions', fraction: 0.85, questions: ['category', 'attribute', 'box'], when: 'between' },
};
