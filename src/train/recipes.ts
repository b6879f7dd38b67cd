import { grocery, type MoonConfig, paper } from './config.js';

/** Configs by name: the two bases of docs/protocols, and a recipe for each figure of the README that another one made. */
export const bases = { grocery, paper } satisfies Record<string, MoonConfig>;

export type BaseName = keyof typeof bases;
