import type { Weights } from '../engine/flat-weights.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { familyOf } from './families.js';
import { TOKENS } from './layers/decoder-names.js';
import { isVision } from './layers/vision-names.js';
import type { PublishedConfig } from './published-config.js';

/**
 * Initialise the weights of a network of any family as published: matrices and embeddings from normal(0, initRange), norm scales 1,
 * biases 0, the padding token's embedding 0. Weights that end a residual branch use `branchInitRange` where the configuration has it. Each tensor has its own random
 * stream, named like the tensor, so changing the depth or the stem leaves all other weights the same.
 * @param shapes the weights to initialise. Default all
 */
export function initWeights(
  config: PublishedConfig,
  stream: RandomStream,
  shapes: Record<string, number[]> = familyOf(config).weightShapes(config),
): Weights {
  const weights: Weights = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const size = shape.reduce((product, side) => product * side, 1);
    const values = new Float32Array(size);
    if (name.endsWith('.bias')) values.fill(0);
    else if (shape.length === 1) values.fill(1);
    else {
      const own = isVision(name) ? config.vision : undefined;
      const { initRange, branchInitRange = initRange } = { ...config.text, ...own };
      const range = endsBranch(name) ? branchInitRange : initRange;
      const draw = stream.child(name);
      for (let i = 0; i < size; i++) values[i] = draw.normal() * range;
      if (name === TOKENS && config.padTokenId !== null)
        values.fill(0, config.padTokenId * shape[1], (config.padTokenId + 1) * shape[1]);
    }
    weights[name] = tf.tensor(values, shape);
  }
  return weights;
}

/** Whether a weight ends a residual branch: the output projections of attention and feed-forward layers. */
function endsBranch(name: string): boolean {
  return /\.(o_proj|attn\.proj|down_proj)\.weight$/.test(name);
}
