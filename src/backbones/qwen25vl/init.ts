import type { Weights } from '../../engine/flat-weights.js';
import type { RandomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import type { QwenConfig } from './config.js';
import { endsBranch, isVision, TOKENS } from './names.js';
import { weightShapes } from './weight-shapes.js';

/**
 * New weights as published: products and embeddings normal(0, initRange), norms 1, biases 0, the padding token's embedding 0;
 * weights that end a residual branch in a range of their own where the configuration has one.
 * Every tensor has a stream of its own, named like it: another depth or stem leaves the rest as it was.
 */
export function initWeights(config: QwenConfig, stream: RandomStream): Weights {
  const weights: Weights = {};
  for (const [name, shape] of Object.entries(weightShapes(config))) {
    const size = shape.reduce((product, side) => product * side, 1);
    const values = new Float32Array(size);
    if (name.endsWith('.bias')) values.fill(0);
    else if (shape.length === 1) values.fill(1);
    else {
      const { initRange, branchInitRange = initRange } = isVision(name) ? config.vision : config.text;
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
