/**
 * Names of the published weights; no other file spells them out. Checkpoints use two naming schemes: the hub's original one, which moon-lab
 * uses everywhere, and the module names of newer checkpoints and of Python.
 */

/** `model.visual.*` and `model.language_model.*` -> `visual.*` and `model.*`; other names stay. */
export function canonicalName(name: string): string {
  return name.replace(/^model\.visual\./, 'visual.').replace(/^model\.language_model\./, 'model.');
}

/** `visual.*` and `model.*` -> `model.visual.*` and `model.language_model.*`; other names stay. */
export function moduleName(name: string): string {
  return name.replace(/^model\./, 'model.language_model.').replace(/^visual\./, 'model.visual.');
}

/** Token embedding [vocabulary, width]; also the output head of a tied network. */
export const TOKENS = 'model.embed_tokens.weight';
/** Output head [vocabulary, width] of a network that is not tied. */
export const HEAD = 'lm_head.weight';
/** Scale of the language model's final norm [width]. */
export const LAST_NORM = 'model.norm.weight';

const VISION = 'visual.';
const MERGER = `${VISION}merger.`;

/** Name prefix of a block of the language model, counted from 0. */
export const languageBlock = (block: number) => `model.layers.${block}.`;
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

/** The three matrices of a block's feed-forward layer in the language model: gate and up [hidden, width], down [width, hidden]. */
export function denseNames(block: number): { gate: string; up: string; down: string } {
  const name = (part: string) => `${languageBlock(block)}mlp.${part}_proj.weight`;
  return { gate: name('gate'), up: name('up'), down: name('down') };
}

/** Numbers of the language model's blocks that have a dense feed-forward layer, from the weight names of a network. */
export function denseBlocks(names: readonly string[]): number[] {
  return names.flatMap((name) => {
    const found = /^model\.layers\.(\d+)\.mlp\.gate_proj\.weight$/.exec(name);
    return found ? [Number(found[1])] : [];
  });
}

/** Whether a weight belongs to the vision tower or its merger. */
export const isVision = (name: string) => name.startsWith(VISION);

/** Whether a weight belongs to the merger, which maps the tower's outputs to tokens of the language model. */
export const isMerger = (name: string) => name.startsWith(MERGER);

/** Stage of the convolutional stem whose kernel this is; undefined for any other weight. */
export function stemKernelStage(name: string): number | undefined {
  const found = /^visual\.stem\.(\d+)\.conv\.weight$/.exec(name);
  return found ? Number(found[1]) : undefined;
}

/** Whether a weight ends a residual branch: the output projections of attention and feed-forward layers. */
export function endsBranch(name: string): boolean {
  return /\.(o_proj|attn\.proj|down_proj)\.weight$/.test(name);
}
