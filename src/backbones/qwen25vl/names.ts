/**
 * Names of the published weights; no other file spells them out. Checkpoints use two naming schemes: the hub's original one, which moon-lab
 * uses everywhere, and the module names of newer checkpoints and of Python.
 */

import { VISION } from '../layers/vision-names.js';

/** `model.visual.*` and `model.language_model.*` -> `visual.*` and `model.*`; other names stay. */
export function canonicalName(name: string): string {
  return name.replace(/^model\.visual\./, 'visual.').replace(/^model\.language_model\./, 'model.');
}

/** `visual.*` and `model.*` -> `model.visual.*` and `model.language_model.*`; other names stay. */
export function moduleName(name: string): string {
  return name.replace(/^model\./, 'model.language_model.').replace(/^visual\./, 'model.visual.');
}

const MERGER = `${VISION}merger.`;

/** Name prefix of a block of the vision tower, counted from 0. */
export const visionBlock = (block: number) => `${VISION}blocks.${block}.`;
/** Name prefix of a stage of a convolutional stem, counted from 0. */
export const stemStage = (stage: number) => `${VISION}stem.${stage}.`;

/** Vision weights outside the blocks. */
export const visionNames = {
  patches: `${VISION}patch_embed.proj.weight`,
  stem: { weight: `${VISION}stem.proj.weight`, bias: `${VISION}stem.proj.bias` },
  merger: {
    norm: `${MERGER}ln_q.weight`,
    inner: { weight: `${MERGER}mlp.0.weight`, bias: `${MERGER}mlp.0.bias` },
    outer: { weight: `${MERGER}mlp.2.weight`, bias: `${MERGER}mlp.2.bias` },
  },
} as const;

/** Stage of the convolutional stem whose kernel this is; undefined for any other weight. */
export function stemKernelStage(name: string): number | undefined {
  const found = /^visual\.stem\.(\d+)\.conv\.weight$/.exec(name);
  return found ? Number(found[1]) : undefined;
}
