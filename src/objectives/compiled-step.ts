import { wrongOption } from '../checks/error.js';
import type { Encoder } from '../encoder/encoder.js';
import { compile } from '../engine/compile/compile.js';
import { settledPrecision } from '../engine/measured-precision.js';
import { nameTensors, type TensorTree, treeOf } from '../engine/named-tensors.js';
import type * as tf from '../engine/tf.js';
import type { Trained } from './objective.js';

type Named = Record<string, tf.Tensor>;

/**
 * Compile a step to one graph per combination of shapes and `statics`, if the config asks for it; otherwise return an equivalent of `fn`
 * itself. Inputs and outputs are trees of tensors.
 * @param fn pure; must not read tensors on the host
 */
export function compiledStep<Inputs extends TensorTree, Outputs extends TensorTree, Statics>(
  { config, model, trained }: Pick<Encoder, 'config' | 'model'> & { trained: Trained },
  name: string,
  fn: (inputs: Inputs, statics: Statics) => Outputs,
): (inputs: Inputs, statics: Statics) => Outputs {
  const { negatives, loss, temperature, auxiliary, pooling, balance, alignment, engine } = config;
  // The parts of the config that steps read. Runs that differ only in seed, steps or rates share cached graphs on disk.
  const captures = {
    model,
    trained: [trained.layout, trained.captures],
    losses: { negatives, loss, temperature, auxiliary, pooling, balance, ...(alignment && { alignment }) },
    checkpoint: engine.checkpoint,
  };
  const named = (tensors: Named, statics: Statics): Named => nameTensors(fn(treeOf<Inputs>(tensors), statics));
  const precision = settledPrecision(engine);
  const run = engine.compile ? compile(named, { name, captures, precision }) : named;
  return (inputs, statics) => treeOf<Outputs>(run(nameTensors(inputs), statics));
}

/** @throws UserError for half precision: a step of several micro-batches is not compiled, and compiled steps alone have it */
export function requireFloat32({ engine, microBatch }: Pick<Encoder['config'], 'engine' | 'microBatch'>): void {
  if (settledPrecision(engine) === 'bfloat16')
    throw wrongOption(
      'engine.precision',
      'bfloat16',
      `'float32'`,
      `A step of more than microBatch ${microBatch} sequences is not compiled.`,
    );
}
