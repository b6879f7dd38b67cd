import { compile } from '../../src/engine/compile/compile.js';
import type { Weights } from '../../src/engine/flat-weights.js';
import { flatten, unflatten } from '../../src/engine/flat-weights.js';
import { nameTensors, type TensorTree, treeOf } from '../../src/engine/named-tensors.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import type { Batch, BatchTensors } from '../../src/moon/batch.js';
import { embedBatch, initMoon, type MoonModel } from '../../src/moon/model.js';
import { adamW, biasCorrections, updateScales } from '../../src/train/optimizer/adamw.js';

const options = { beta1: 0.9, beta2: 0.98, weightDecay: 0.05, clip: 1 };

/** A network and a batch to train and embed in benches. */
export interface Work<Inputs extends TensorTree> {
  /** Frees them. */
  weights: Weights;
  inputs: Inputs;
  loss(weights: Weights, inputs: Inputs): tf.Scalar;
  embed(weights: Weights, inputs: Inputs): tf.Tensor;
  /** Of compiled functions, for the disk cache; without it every process records. */
  captures?: unknown;
}

/**
 * Forward, backward and AdamW of one network on one batch, and its embeddings; each call gives its milliseconds.
 * @param precision of the compiled functions
 */
export function trainingStep<Inputs extends TensorTree>(
  work: Work<Inputs>,
  compiled: boolean,
  precision: 'float32' | 'bfloat16' = 'float32',
) {
  const { parameters, layout } = flatten(work.weights);
  const fixed = { ...updateScales(layout, {}), ...biasCorrections(1, options), rate: tf.scalar(1e-4) };
  let state = { parameters, mean: tf.zerosLike(parameters), variance: tf.zerosLike(parameters) };
  const once = <Fn extends (named: Record<string, tf.Tensor>) => Record<string, tf.Tensor>>(name: string, fn: Fn) =>
    compile(fn, { name, captures: work.captures, precision });
  const stepFn = (named: Record<string, tf.Tensor>): Record<string, tf.Tensor> =>
    tf.tidy(() => {
      const { given, ...tensors } = treeOf<typeof state & typeof fixed & { given: Inputs }>(named);
      const gradient = tf.grad((flat: tf.Tensor) => work.loss(unflatten(flat as tf.Tensor1D, layout), given))(
        tensors.parameters,
      ) as tf.Tensor1D;
      return adamW({ ...tensors, gradient }, options);
    });
  const embedFn = (named: Record<string, tf.Tensor>): Record<string, tf.Tensor> => {
    const { parameters, given } = treeOf<{ parameters: tf.Tensor1D; given: Inputs }>(named);
    return tf.tidy(() => ({ embeddings: work.embed(unflatten(parameters, layout), given) }));
  };
  const updateFn = (named: Record<string, tf.Tensor>): Record<string, tf.Tensor> =>
    adamW(treeOf<typeof state & typeof fixed & { gradient: tf.Tensor1D }>(named), options);
  const [step, embed, update] = [
    once('bench step', stepFn),
    once('bench embedding', embedFn),
    once('update', updateFn),
  ];
  const stepInputs = () => nameTensors({ ...state, ...fixed, given: work.inputs });
  return {
    /** Milliseconds of one update. */
    run(): number {
      const started = performance.now();
      const { norm, ...next } = compiled ? step(stepInputs(), null) : stepFn(stepInputs());
      norm.dataSync();
      tf.dispose([state, norm]);
      state = next as typeof state;
      return performance.now() - started;
    },
    /** Milliseconds of a batch's embeddings without gradients. */
    embed(): number {
      const started = performance.now();
      const given = nameTensors({ parameters: state.parameters, given: work.inputs });
      const { embeddings } = compiled ? embed(given, null) : embedFn(given);
      embeddings.dataSync();
      embeddings.dispose();
      return performance.now() - started;
    },
    /** Milliseconds of AdamW alone, on a gradient that is there. */
    optimise(): number {
      const started = performance.now();
      const next = update(nameTensors({ ...state, ...fixed, gradient: state.mean }), null);
      next.norm.dataSync();
      tf.dispose(next);
      return performance.now() - started;
    },
    /** What one update does, operation by operation; frees what it made. */
    update: () => void tf.dispose(stepFn(stepInputs())),
    report: () => ({ step: step.report(), embed: embed.report() }),
    parameters: parameters.size,
    dispose: () => tf.dispose([state, fixed]),
  };
}

/** MOON on a batch: the embeddings' product with a fixed target, and the router's balance. Who calls frees the inputs. */
export function moonWork(model: MoonModel, { batch, tensors }: { batch: Batch; tensors: BatchTensors }) {
  const { groups, sequences } = batch;
  const target = tf.randomNormal([sequences, model.network.text.width], 0, 1, 'float32', 1);
  type Inputs = { tensors: BatchTensors; target: tf.Tensor };
  const work: Work<Inputs> = {
    weights: initMoon(model, randomStream(1, 'init')),
    inputs: { tensors, target },
    embed: (weights, { tensors }) => embedBatch(model, weights, { groups }, tensors).embeddings,
    loss(weights, { tensors, target }) {
      const { embeddings, experts } = embedBatch(model, weights, { groups }, tensors);
      const balance = tf.addN([tf.scalar(0), ...experts.map((each) => each.balance)]);
      return tf.add(tf.sum(tf.mul(embeddings, target)), balance) as tf.Scalar;
    },
    captures: { model, groups },
  };
  return work;
}
