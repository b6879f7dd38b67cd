import { grocery, type MoonConfig, paper } from '../config/config.js';
import { configSummary } from '../encoder/summary.js';
import { summarisedWithCopies } from '../engine/summary.js';

/**
 * Photos of groceries through a frozen encoder: what it knows of pictures is there from the start, so the steps can be
 * few. Batches, blocks and rates are those that its figure was made with. `vision.model` names the encoder's folder.
 */
const groceryFrozen: MoonConfig = {
  ...grocery,
  network: { ...grocery.network, depth: 2, branchInitRange: 0.02 },
  vision: { kind: 'onnx', model: 'efficientnet-lite0', variants: 4 },
  experts: { kind: 'guided', count: 6, topK: 1, blocks: [1] },
  draw: { ...grocery.draw, products: 32, queries: 2, together: 4 },
  loss: { kind: 'info-nce' },
  average: { kind: 'exponential', decay: 0.98 },
  optimizer: { ...grocery.optimizer, steps: 400, warmUp: 30, rate: 1e-3, rates: {} },
};

/**
 * Titles of fashion find their pictures: a query is the title, an item shows its picture alone. Products of one article type are drawn
 * together, so that the batch is full of hard negatives. Two linear maps know most of what can be known here: one block starts as the
 * identity and learns ten times slower than they do, or it learns the training products by heart.
 */
const fashionFrozen: MoonConfig = {
  ...grocery,
  network: { ...grocery.network, vocabulary: 2000 },
  vision: { kind: 'onnx', model: 'efficientnet-lite0' },
  draw: {
    products: 256,
    queries: 1,
    together: 8,
    mix: { image: 0, text: 1, product: 0 },
    asked: 1,
    withhold: { title: 1, category: 1, attributes: 1 },
  },
  negatives: { ...grocery.negatives, temporal: { kind: 'none' } },
  loss: { kind: 'info-nce', symmetric: true },
  auxiliary: { supervised: 0, labels: 0 },
  optimizer: { ...grocery.optimizer, steps: 500, warmUp: 60, rate: 1e-3 },
};

/** The same through the network's own vision tower. Shop pictures show the product whole: crops keep most of it. */
const fashion: MoonConfig = {
  ...fashionFrozen,
  vision: { kind: 'qwen' },
  draw: { ...fashionFrozen.draw, products: 128 },
  augment: { ...grocery.augment, area: [0.6, 1] },
  optimizer: { ...grocery.optimizer, steps: 1400, warmUp: 100 },
};

/** Configs by name: the two bases of docs/protocols, and a recipe for each figure of the README that another one made. */
export const bases = { grocery, paper, groceryFrozen, fashionFrozen, fashion } satisfies Record<string, MoonConfig>;

for (const base of Object.values<MoonConfig>(bases)) summarisedWithCopies(base, configSummary);

export type BaseName = keyof typeof bases;
