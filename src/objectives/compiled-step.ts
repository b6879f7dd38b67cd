import { wrongOption } from '../checks/error.js';
import type { Encoder } from '../encoder/encoder.js';
import { compile } from '../engine/compile/compile.js';
import { compileWithGradientLater, gradientLater } from '../engine/compile/gradient-later.js';
import type { CompileOptions } from '../engine/compile/loaded-graphs.js';
import { settledPrecision } from '../engine/measured-precision.js';
import { nameTensors, type TensorTree, treeOf } from '../engine/named-tensors.js';
import type * as tf from '../engine/tf.js';
import type { StepWeights, Trained } from './objective.js';

type Named = Record<string, tf.Tensor>;

/**
 * Compile a step to one graph per combination of shapes and `statics`, if the config asks for it; otherwise return an equivalent of `fn`
 * itself. Inputs and outputs are trees of tensors.
 * @param fn pure; must not read tensors on the host
 */
export function compiledStep<Inputs extends TensorTree, Outputs extends TensorTree, Statics>(
  task: CompiledTask,
  name: string,
  fn: (inputs: Inputs, statics: Statics) => Outputs,
): (inputs: Inputs, statics: Statics) => Outputs {
  const named = namedStep(fn);
  const run = task.config.engine.compile ? compile(named, optionsOf(task, name)) : named;
  return (inputs, statics) => treeOf<Outputs>(run(nameTensors(inputs), statics));
}

/** What a part of a step gives, and its gradient once that of the loss with respect to it is known (`compileWithGradientLater`). */
export interface StepPart<Outputs> {
  outputs: Outputs;
  /** Of the trained weights. Call it once, or `drop`. */
  gradient(pulls: Outputs): tf.Tensor1D;
  drop(): void;
}

/**
 * Like `compiledStep`, for a part of a step before its loss.
 * @param isCompiled whether its shapes come again
 */
export function compiledPart<Inputs extends TensorTree & { weights: StepWeights }, Outputs extends TensorTree, Statics>(
  task: CompiledTask,
  name: string,
  fn: (inputs: Inputs, statics: Statics) => Outputs,
): (inputs: Inputs, statics: Statics, isCompiled?: boolean) => StepPart<Outputs> {
  const named = namedStep(fn);
  const plain = gradientLater(named, TRAINED);
  const compiled = task.config.engine.compile
    ? compileWithGradientLater(named, { ...optionsOf(task, name), along: TRAINED })
    : plain;
  return (inputs, statics, isCompiled = true) => {
    const { outputs, gradient, drop } = (isCompiled ? compiled : plain)(nameTensors(inputs), statics);
    return {
      outputs: treeOf<Outputs>(outputs),
      gradient: (pulls) => gradient(nameTensors(pulls)) as tf.Tensor1D,
      drop,
    };
  };
}

/** The trained weights among the inputs of a step. */
const TRAINED = 'weights/trained';

const namedStep =
  <Inputs extends TensorTree, Outputs extends TensorTree, Statics>(fn: (inputs: Inputs, statics: Statics) => Outputs) =>
  (tensors: Named, statics: Statics): Named =>
    nameTensors(fn(treeOf<Inputs>(tensors), statics));

type CompiledTask = Pick<Encoder, 'config' | 'model'> & { trained: Trained };

function optionsOf({ config, model, trained }: CompiledTask, name: string): CompileOptions {
  const { negatives, loss, temperature, auxiliary, pooling, balance, alignment, engine } = config;
  // The parts of the config that steps read. Runs that differ only in seed, steps or rates share cached graphs on disk.
  const captures = {
    model,
    trained: [trained.layout, trained.captures],
    losses: { negatives, loss, temperature, auxiliary, pooling, balance, ...(alignment && { alignment }) },
    checkpoint: engine.checkpoint,
  };
  return { name, captures, precision: settledPrecision(engine) };
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
