import { decoderShapes } from '../layers/decoder-shapes.js';
import type { SmolConfig } from './config.js';
import { visionBlock, visionNames } from './names.js';

/** Name and shape of every weight of an Idefics3 or SmolVLM network. */
export function weightShapes({ vision, text, tied, scaleFactor }: SmolConfig): Record<string, number[]> {
  const { width, feedForwardWidth, channels, patchSize, imageSize } = vision;
  const shapes: Record<string, number[]> = {};
  const layer = ({ weight, bias }: { weight: string; bias: string }, shape: number[]) => {
    shapes[weight] = shape;
    shapes[bias] = shape.slice(0, 1);
  };
  layer(visionNames.patches, [width, channels, patchSize, patchSize]);
  shapes[visionNames.positions] = [(imageSize / patchSize) ** 2, width];
  for (let block = 0; block < vision.depth; block++) {
    const own = (name: string) => {
      const prefix = `${visionBlock(block)}${name}`;
      return { weight: `${prefix}.weight`, bias: `${prefix}.bias` };
    };
    layer(own('layer_norm1'), [width]);
    layer(own('layer_norm2'), [width]);
    for (const name of ['q_proj', 'k_proj', 'v_proj', 'out_proj']) layer(own(`self_attn.${name}`), [width, width]);
    layer(own('mlp.fc1'), [feedForwardWidth, width]);
    layer(own('mlp.fc2'), [width, feedForwardWidth]);
  }
  layer(visionNames.norm, [width]);
  shapes[visionNames.projection] = [text.width, width * scaleFactor ** 2];
  return { ...shapes, ...decoderShapes(text, tied) };
}
