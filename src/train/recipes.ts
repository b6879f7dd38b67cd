import { summarisedWithCopies } from '../engine/summary.js';
import { grocery, type MoonConfig, paper } from './config.js';
import { configSummary } from './summary.js';

/**
 * Photos of groceries through a frozen encoder: what it knows of pictures is there from the start, so the language side can be shallow
 * and the steps few. `vision.model` names the encoder's folder.
 */
const groceryFrozen: MoonConfig = {
  ...grocery,
  network: { ...grocery.network, depth: 2 },
  vision: { kind: 'onnx', model: 'efficientnet-lite0', variants: 4 },
  experts: { kind: 'guided', count: 6, topK: 1, blocks: [1] },
  average: { kind: 'exponential', decay: 0.98 },
  optimizer: { ...grocery.optimizer, steps: 400, warmUp: 30 },
};

/** Configs by name: the two bases of docs/protocols, and a recipe for each figure of the README that another one made. */
export const bases = { grocery, paper, groceryFrozen } satisfies Record<string, MoonConfig>;

for (const base of Object.values<MoonConfig>(bases)) summarisedWithCopies(base, configSummary);

export type BaseName = keyof typeof bases;
