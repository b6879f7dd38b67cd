import type { QwenConfig, TextConfig, VisionConfig } from './config.js';
import { denseNames, HEAD, LAST_NORM, languageBlock, stemStage, TOKENS, visionBlock, visionNames } from './names.js';

/** Name and shape of every weight of a network with this configuration, in the order of the published checkpoints. */
export function weightShapes(config: QwenConfig): Record<string, number[]> {
  return {
    ...stemShapes(config.vision),
    ...visionShapes(config.vision),
    ...textShapes(config.text),
    ...(config.tied ? {} : { [HEAD]: [config.text.vocabSize, config.text.width] }),
  };
}

function stemShapes(vision: VisionConfig): Record<string, number[]> {
  const { stem, channels, width, patchSize, temporalPatchSize } = vision;
  if (stem.kind === 'patch')
    return { [visionNames.patches]: [width, channels, temporalPatchSize, patchSize, patchSize] };
  const shapes: Record<string, number[]> = {};
  stem.channels.forEach((count, i) => {
    shapes[`${stemStage(i)}conv.weight`] = [count, i === 0 ? channels : stem.channels[i - 1], 3, 3];
    shapes[`${stemStage(i)}norm.weight`] = [count];
    shapes[`${stemStage(i)}norm.bias`] = [count];
  });
  shapes[visionNames.stem.weight] = [width, stem.channels[stem.channels.length - 1]];
  shapes[visionNames.stem.bias] = [width];
  return shapes;
}

function visionShapes(vision: VisionConfig): Record<string, number[]> {
  const { width, feedForwardWidth, outWidth } = vision;
  const shapes: Record<string, number[]> = {};
  const layer = ({ weight, bias }: { weight: string; bias: string }, out: number, from: number) => {
    shapes[weight] = [out, from];
    shapes[bias] = [out];
  };
  for (let block = 0; block < vision.depth; block++) {
    const prefix = visionBlock(block);
    const own = (name: string) => ({ weight: `${prefix}${name}.weight`, bias: `${prefix}${name}.bias` });
    shapes[`${prefix}norm1.weight`] = [width];
    shapes[`${prefix}norm2.weight`] = [width];
    layer(own('attn.qkv'), 3 * width, width);
    layer(own('attn.proj'), width, width);
    layer(own('mlp.gate_proj'), feedForwardWidth, width);
    layer(own('mlp.up_proj'), feedForwardWidth, width);
    layer(own('mlp.down_proj'), width, feedForwardWidth);
  }
  const unit = width * vision.mergeSize ** 2;
  shapes[visionNames.merger.norm] = [width];
  layer(visionNames.merger.inner, unit, unit);
  layer(visionNames.merger.outer, outWidth, unit);
  return shapes;
}

function textShapes(text: TextConfig): Record<string, number[]> {
  const { width, heads, keyValueHeads, feedForwardWidth } = text;
  const headWidth = width / heads;
  const shapes: Record<string, number[]> = { [TOKENS]: [text.vocabSize, width] };
  for (let block = 0; block < text.depth; block++) {
    const set = (name: string, shape: number[]) => {
      shapes[`${languageBlock(block)}${name}`] = shape;
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
    const { gate, up, down } = denseNames(block);
    shapes[gate] = [feedForwardWidth, width];
    shapes[up] = [feedForwardWidth, width];
    shapes[down] = [width, feedForwardWidth];
    set('input_layernorm.weight', [width]);
    set('post_attention_layernorm.weight', [width]);
  }
  shapes[LAST_NORM] = [width];
  return shapes;
}
