import type { Rival } from '../data-set.js';

/** A baseline that a user could write in Python, on the test products of the whole data set. */
export const rivals: Rival[] = [
  {
    name: 'two linear heads on frozen EfficientNet-lite0 and MiniLM',
    task: 'title-to-image',
    split: 'test',
    n: 1498,
    items: 1498,
    metrics: { 'R@1': 0.34, 'R@10': 0.751 },
    source: 'measured in Python on the same products; see notebooks/results/README.md',
  },
];
