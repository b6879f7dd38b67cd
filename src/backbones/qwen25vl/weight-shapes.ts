import { decoderShapes } from '../layers/decoder-shapes.js';
import type { QwenConfig, VisionConfig } from './config.js';
import { stemStage, visionBlock, visionNames } from './names.js';

/** Name and shape of every weight of a network with this configuration, in the order of the published checkpoints. */
export function weightShapes(config: QwenConfig): Record<string, number[]> {
  return {
    ...stemShapes(config.vision),
    ...visionShapes(config.vision),
    ...decoderShapes(config.text, config.tied),
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
