/** Names of a language model's weights: checkpoints of every family are loaded under these. */

/** Token embedding [vocabulary, width]; also the output head of a tied network. */
export const TOKENS = 'model.embed_tokens.weight';
/** Output head [vocabulary, width] of a network that is not tied. */
export const HEAD = 'lm_head.weight';
/** Scale of the language model's final norm [width]. */
export const LAST_NORM = 'model.norm.weight';

/** Name prefix of a block of the language model, counted from 0. */
export const languageBlock = (block: number) => `model.layers.${block}.`;
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
