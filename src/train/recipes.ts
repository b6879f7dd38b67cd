import { summarisedWithCopies } from '../engine/summary.js';
import { grocery, type MoonConfig, paper } from './config.js';
import { configSummary } from './summary.js';

/** Configs by name: the two bases of docs/protocols, and a recipe for each figure of the README that another one made. */
export const bases = { grocery, paper } satisfies Record<string, MoonConfig>;

for (const base of Object.values<MoonConfig>(bases)) summarisedWithCopies(base, configSummary);

export type BaseName = keyof typeof bases;
