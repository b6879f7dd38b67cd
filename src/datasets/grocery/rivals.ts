import type { Rival } from '../data-set.js';

const common = {
  task: 'g1.full',
  split: 'val',
  n: 296,
  items: 81,
  source: 'measured in Python on the same photos; see notebooks/results/README.md',
} as const;

/** Baselines that a user could write in Python, on the validation photos of the shipped pack. */
export const rivals: Rival[] = [
  { ...common, name: 'frozen EfficientNet-lite0, nearest picture', metrics: { 'R@1': 0.365, 'R@10': 0.76 } },
  { ...common, name: 'supervised network in PyTorch, 40 minutes', metrics: { 'R@1': 0.409, 'R@10': 0.861 } },
];
