/** Names of Qwen3-VL's vision weights, under the naming that moon-lab uses for the Qwen families. */

import { VISION } from '../layers/vision-names.js';

/** Name prefix of a block of the vision tower, counted from 0. */
export const visionBlock = (block: number) => `${VISION}blocks.${block}.`;

/** Weights of a merger: norm, and two linear layers with biases. */
export const mergerNames = (prefix: string) => ({
  norm: { weight: `${prefix}norm.weight`, bias: `${prefix}norm.bias` },
  inner: { weight: `${prefix}linear_fc1.weight`, bias: `${prefix}linear_fc1.bias` },
  outer: { weight: `${prefix}linear_fc2.weight`, bias: `${prefix}linear_fc2.bias` },
});

/** Vision weights outside the blocks. */
export const visionNames = {
  patches: { weight: `${VISION}patch_embed.proj.weight`, bias: `${VISION}patch_embed.proj.bias` },
  positions: `${VISION}pos_embed.weight`,
  merger: mergerNames(`${VISION}merger.`),
  /** Counted from 0. */
  deepstack: (index: number) => mergerNames(`${VISION}deepstack_merger_list.${index}.`),
} as const;
