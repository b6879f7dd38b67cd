/**
 * Names of the published weights: nobody else spells them. Files have two namings: the hub's, which we use everywhere, and the one of newer
 * files and of Python's modules.
 */

/** `model.visual.*` and `model.language_model.*` -> `visual.*` and `model.*`; other names stay. */
export function canonicalName(name: string): string {
  return name.replace(/^model\.visual\./, 'visual.').replace(/^model\.language_model\./, 'model.');
}

/** `visual.*` and `model.*` -> `model.visual.*` and `model.language_model.*`; other names stay. */
export function moduleName(name: string): string {
  return name.replace(/^model\./, 'model.language_model.').replace(/^visual\./, 'model.visual.');
}

/** Token embedding [vocabulary, width]; also the head of a tied network. */
export const TOKENS = 'model.embed_tokens.weight';
/** Head that gives the scores of the next token [vocabulary, width], where it is not tied. */
export const HEAD = 'lm_head.weight';
/** Scale of the language model's last norm [width]. */
export const LAST_NORM = 'model.norm.weight';

const VISION = 'visual.';
const MERGER = `${VISION}merger.`;

/** Start of the names of a block of the language model, counted from 0. */
export const languageBlock = (block: number) => `model.layers.${block}.`;
/** Start of the names of a block of the vision tower, counted from 0. */
export const visionBlock = (block: number) => `${VISION}blocks.${block}.`;
/** Start of the names of a stage of a convolutional stem, counted from 0. */
export const stemStage = (stage: number) => `${VISION}stem.${stage}.`;

/** Weights of the tower outside its blocks. */
export const visionNames = {
  patches: `${VISION}patch_embed.proj.weight`,
  stem: { weight: `${VISION}stem.proj.weight`, bias: `${VISION}stem.proj.bias` },
  merger: {
    norm: `${MERGER}ln_q.weight`,
    inner: { weight: `${MERGER}mlp.0.weight`, bias: `${MERGER}mlp.0.bias` },
    outer: { weight: `${MERGER}mlp.2.weight`, bias: `${MERGER}mlp.2.bias` },
  },
} as const;

/** The three products of the feed-forward layer of a block of the language model: gate and up [hidden, width], down [width, hidden]. */
export function denseNames(block: number): { gate: string; up: string; down: string } {
  const name = (part: string) => `${languageBlock(block)}mlp.${part}_proj.weight`;
  return { gate: name('gate'), up: name('up'), down: name('down') };
}

/** Numbers of the language model's blocks that have a feed-forward layer, among the names of a network. */
export function denseBlocks(names: readonly string[]): number[] {
  return names.flatMap((name) => {
    const found = /^model\.layers\.(\d+)\.mlp\.gate_proj\.weight$/.exec(name);
    return found ? [Number(found[1])] : [];
  });
}

/** Whether a weight belongs to the vision side: tower and merger. */
export const isVision = (name: string) => name.startsWith(VISION);

/** Whether a weight belongs to the merger, which hands the tower's tokens to the language model. */
export const isMerger = (name: string) => name.startsWith(MERGER);

/** The stage of a convolutional stem whose kernel this is; undefined for any other weight. */
export function stemKernelStage(name: string): number | undefined {
  const found = /^visual\.stem\.(\d+)\.conv\.weight$/.exec(name);
  return found ? Number(found[1]) : undefined;
}

/** Whether what a weight gives is added to the stream of tokens: the outputs of attention and of feed-forward layers. */
export function endsBranch(name: string): boolean {
  return /\.(o_proj|attn\.proj|down_proj)\.weight$/.test(name);
}
