import type { Encoder } from '../encoder/encoder.js';
import { compile } from '../engine/compile/compile.js';
import { nameTensors, type TensorTree, treeOf } from '../engine/named-tensors.js';
import type * as tf from '../engine/tf.js';

type Named = Record<string, tf.Tensor>;

/**
 * A step as one graph for each combination of shapes and `statics`, where the config asks for it; else the function itself. Tensors go in and
 * come out as trees.
 * @param fn pure, reads nothing on the host
 */
export function compiledStep<Inputs extends TensorTree, Outputs extends TensorTree, Statics>(
  { config, model, layout }: Pick<Encoder, 'config' | 'model' | 'layout'>,
  name: string,
  fn: (inputs: Inputs, statics: Statics) => Outputs,
): (inputs: Inputs, statics: Statics) => Outputs {
  const { negatives, loss, temperature, auxiliary, pooling, balance, engine } = config;
  // What steps read of the config: runs that differ in seed, steps or rates find each other's graphs on the disk.
  const captures = { model, layout, losses: { negatives, loss, temperature, auxiliary, pooling, balance } };
  const named = (tensors: Named, statics: Statics): Named => nameTensors(fn(treeOf<Inputs>(tensors), statics));
  const run = engine.compile ? compile(named, { name, captures }) : named;
  return (inputs, statics) => treeOf<Outputs>(run(nameTensors(inputs), statics));
}
