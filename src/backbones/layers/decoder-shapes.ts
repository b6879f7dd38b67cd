import { type DecoderConfig, headWidthOf } from './decoder-config.js';
import { denseNames, HEAD, LAST_NORM, languageBlock, TOKENS } from './decoder-names.js';

/** Name and shape of every weight of a language model, in the order of published checkpoints. @param tied whether the head is the token embedding */
export function decoderShapes(config: DecoderConfig, tied: boolean): Record<string, number[]> {
  const { width, heads, keyValueHeads, feedForwardWidth, attentionBias = true } = config;
  const headWidth = headWidthOf(config);
  const shapes: Record<string, number[]> = { [TOKENS]: [config.vocabSize, width] };
  for (let block = 0; block < config.depth; block++) {
    const set = (name: string, shape: number[]) => {
      shapes[`${languageBlock(block)}${name}`] = shape;
    };
    for (const [name, count] of [
      ['q', heads],
      ['k', keyValueHeads],
      ['v', keyValueHeads],
    ] as const) {
      set(`self_attn.${name}_proj.weight`, [count * headWidth, width]);
      if (attentionBias) set(`self_attn.${name}_proj.bias`, [count * headWidth]);
      if (config.queryKeyNorm && name !== 'v') set(`self_attn.${name}_norm.weight`, [headWidth]);
    }
    set('self_attn.o_proj.weight', [width, heads * headWidth]);
    if (config.outputBias) set('self_attn.o_proj.bias', [width]);
    const { gate, up, down } = denseNames(block);
    shapes[gate] = [feedForwardWidth, width];
    shapes[up] = [feedForwardWidth, width];
    shapes[down] = [width, feedForwardWidth];
    set('input_layernorm.weight', [width]);
    set('post_attention_layernorm.weight', [width]);
  }
  shapes[LAST_NORM] = [width];
  if (!tied) shapes[HEAD] = [config.vocabSize, width];
  return shapes;
}
