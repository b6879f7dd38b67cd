import { decoderShapes } from '../layers/decoder-shapes.js';
import type { Qwen3Config } from './config.js';
import { type mergerNames, visionBlock, visionNames } from './names.js';

/** Name and shape of every weight of a Qwen3-VL network. */
export function weightShapes({ vision, text, tied }: Qwen3Config): Record<string, number[]> {
  const { width, feedForwardWidth, outWidth, channels, temporalPatchSize, patchSize } = vision;
  const shapes: Record<string, number[]> = {};
  const layer = ({ weight, bias }: { weight: string; bias: string }, shape: number[]) => {
    shapes[weight] = shape;
    shapes[bias] = shape.slice(0, 1);
  };
  layer(visionNames.patches, [width, channels, temporalPatchSize, patchSize, patchSize]);
  shapes[visionNames.positions] = [vision.positions, width];
  for (let block = 0; block < vision.depth; block++) {
    const own = (name: string) => {
      const prefix = `${visionBlock(block)}${name}`;
      return { weight: `${prefix}.weight`, bias: `${prefix}.bias` };
    };
    layer(own('norm1'), [width]);
    layer(own('norm2'), [width]);
    layer(own('attn.qkv'), [3 * width, width]);
    layer(own('attn.proj'), [width, width]);
    layer(own('mlp.linear_fc1'), [feedForwardWidth, width]);
    layer(own('mlp.linear_fc2'), [width, feedForwardWidth]);
  }
  const unit = width * vision.mergeSize ** 2;
  const merger = (names: ReturnType<typeof mergerNames>, normWidth: number) => {
    layer(names.norm, [normWidth]);
    layer(names.inner, [unit, unit]);
    layer(names.outer, [outWidth, unit]);
  };
  merger(visionNames.merger, width);
  for (const index of vision.deepstackBlocks.keys()) merger(visionNames.deepstack(index), unit);
  return { ...shapes, ...decoderShapes(text, tied) };
}
