import type { QwenConfig, TextConfig, VisionConfig } from './config.js';

/** Name and shape of every weight that a network of this configuration has, in the published order of the hub. */
export function weightShapes(config: QwenConfig): Record<string, number[]> {
  return {
    ...stemShapes(config.vision),
    ...visionShapes(config.vision),
    ...textShapes(config.text),
    ...(config.tied ? {} : { 'lm_head.weight': [config.text.vocabSize, config.text.width] }),
  };
}

function stemShapes(vision: VisionConfig): Record<string, number[]> {
  const { stem, channels, width, patchSize, temporalPatchSize } = vision;
  if (stem.kind === 'patch')
    return { 'visual.patch_embed.proj.weight': [width, channels, temporalPatchSize, patchSize, patchSize] };
  const shapes: Record<string, number[]> = {};
  stem.channels.forEach((count, i) => {
    shapes[`visual.stem.${i}.conv.weight`] = [count, i === 0 ? channels : stem.channels[i - 1], 3, 3];
    shapes[`visual.stem.${i}.norm.weight`] = [count];
    shapes[`visual.stem.${i}.norm.bias`] = [count];
  });
  shapes['visual.stem.proj.weight'] = [width, stem.channels[stem.channels.length - 1]];
  shapes['visual.stem.proj.bias'] = [width];
  return shapes;
}

function visionShapes(vision: VisionConfig): Record<string, number[]> {
  const { width, feedForwardWidth, outWidth } = vision;
  const shapes: Record<string, number[]> = {};
  const layer = (name: string, out: number, from: number) => {
    shapes[`visual.${name}.weight`] = [out, from];
    shapes[`visual.${name}.bias`] = [out];
  };
  for (let block = 0; block < vision.depth; block++) {
    shapes[`visual.blocks.${block}.norm1.weight`] = [width];
    shapes[`visual.blocks.${block}.norm2.weight`] = [width];
    layer(`blocks.${block}.attn.qkv`, 3 * width, width);
    layer(`blocks.${block}.attn.proj`, width, width);
    layer(`blocks.${block}.mlp.gate_proj`, feedForwardWidth, width);
    layer(`blocks.${block}.mlp.up_proj`, feedForwardWidth, width);
    layer(`blocks.${block}.mlp.down_proj`, width, feedForwardWidth);
  }
  const unit = width * vision.mergeSize ** 2;
  shapes['visual.merger.ln_q.weight'] = [width];
  layer('merger.mlp.0', unit, unit);
  layer('merger.mlp.2', outWidth, unit);
  return shapes;
}

function textShapes(text: TextConfig): Record<string, number[]> {
  const { width, heads, keyValueHeads, feedForwardWidth } = text;
  const headWidth = width / heads;
  const shapes: Record<string, number[]> = { 'model.embed_tokens.weight': [text.vocabSize, width] };
  for (let block = 0; block < text.depth; block++) {
    const set = (name: string, shape: number[]) => {
      shapes[`model.layers.${block}.${name}`] = shape;
    };
    for (const [name, count] of [
      ['q', heads],
      ['k', keyValueHeads],
      ['v', keyValueHeads],
    ] as const) {
      set(`self_attn.${name}_proj.weight`, [count * headWidth, width]);
      set(`self_attn.${name}_proj.bias`, [count * headWidth]);
    }
    set('self_attn.o_proj.weight', [width, width]);
    set('mlp.gate_proj.weight', [feedForwardWidth, width]);
    set('mlp.up_proj.weight', [feedForwardWidth, width]);
    set('mlp.down_proj.weight', [width, feedForwardWidth]);
    set('input_layernorm.weight', [width]);
    set('post_attention_layernorm.weight', [width]);
  }
  shapes['model.norm.weight'] = [width];
  return shapes;
}
